/** The name of the document shown, and how its pages are shown. */
import { FileImage, Minus, Plus, TextInitial } from 'lucide-react';
import type { JSX } from 'react';
import type { OpenDocument } from '../../open-document.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import styles from './reader-header.module.css';

/** Pictures of the pages or the words the model was given; `zoom` 1 fits the width. */
export interface ReaderView {
  shows: 'pictures' | 'words';
  zoom: number;
}

const SMALLEST_ZOOM = 0.5;
const LARGEST_ZOOM = 2.5;
const ZOOM_STEP = 0.25;

/** `onView` is null while there are no pages to show. */
export function ReaderHeader(props: {
  document: OpenDocument;
  view: ReaderView;
  onView: ((view: ReaderView) => void) | null;
}): JSX.Element {
  const { document, view, onView } = props;
  const title = document.state.kind === 'ready' ? document.state.summary.title : null;
  return (
    <header className={styles['header']}>
      <h2 className={styles['name']} title={title === null || title === '' ? document.name : `${title} (${document.name})`}>
        {document.name}
      </h2>
      {onView === null ? null : <ViewTools view={view} onView={onView} />}
    </header>
  );
}

function ViewTools({ view, onView }: { view: ReaderView; onView: (view: ReaderView) => void }): JSX.Element {
  const zoomBy = (step: number): void => onView({ ...view, zoom: Math.min(LARGEST_ZOOM, Math.max(SMALLEST_ZOOM, view.zoom + step)) });
  return (
    <fieldset className={styles['tools']} aria-label="View">
      <IconButton label="Smaller" disabled={view.zoom <= SMALLEST_ZOOM} onClick={() => zoomBy(-ZOOM_STEP)}>
        <Minus size={16} />
      </IconButton>
      <button type="button" className={styles['zoom']} title="Fit the width" onClick={() => onView({ ...view, zoom: 1 })}>
        {Math.round(100 * view.zoom)}%
      </button>
      <IconButton label="Larger" disabled={view.zoom >= LARGEST_ZOOM} onClick={() => zoomBy(ZOOM_STEP)}>
        <Plus size={16} />
      </IconButton>
      <span className={styles['gap']} />
      <IconButton
        label="Pages as they look"
        aria-pressed={view.shows === 'pictures'}
        onClick={() => onView({ ...view, shows: 'pictures' })}
      >
        <FileImage size={16} />
      </IconButton>
      <IconButton
        label="Words as the model reads them"
        aria-pressed={view.shows === 'words'}
        onClick={() => onView({ ...view, shows: 'words' })}
      >
        <TextInitial size={16} />
      </IconButton>
    </fieldset>
  );
}
