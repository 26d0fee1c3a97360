/** One document of the library: its name, how it stands, and what can be done with it. */
import { CircleStop, FileText, Lock, RotateCw, TriangleAlert, X } from 'lucide-react';
import type { CSSProperties, JSX } from 'react';
import { failureText } from '../../failure-text.ts';
import type { OpenDocument, ReadingState } from '../../open-document.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { ProgressRing } from '../../ui/progress-ring.tsx';
import { countText, numberText, timeLeftText } from '../../wording.ts';
import styles from './document-row.module.css';

/** What a row shows and reports. */
export interface DocumentRowProps {
  document: OpenDocument;
  isSelected: boolean;
  onSelect: () => void;
  onStop: () => void;
  onRetry: () => void;
  onRemove: () => void;
}

/** A row of the library. */
export function DocumentRow({ document, isSelected, onSelect, onStop, onRetry, onRemove }: DocumentRowProps): JSX.Element {
  const { name, state } = document;
  const isUnderWay = state.kind === 'reading' || state.kind === 'waiting';
  const mayRetry = state.kind === 'stopped' || (state.kind === 'failed' && failureText(state.failure).mayRetry);
  return (
    <li
      className={styles['row']}
      data-selected={isSelected ? '' : undefined}
      data-state={state.kind}
      style={{ '--actions': isUnderWay || mayRetry ? 2 : 1 } as CSSProperties}
    >
      <button type="button" className={styles['main']} aria-current={isSelected ? 'true' : undefined} onClick={onSelect}>
        <span className={styles['sign']}>
          <StateSign state={state} />
        </span>
        <span className={styles['words']}>
          <span className={styles['name']} title={name}>
            {name}
          </span>
          <span className={styles['standing']}>{standingText(document)}</span>
        </span>
      </button>
      <span className={styles['actions']}>
        {isUnderWay ? (
          <IconButton label={`Stop reading ${name}`} onClick={onStop}>
            <CircleStop size={16} />
          </IconButton>
        ) : null}
        {mayRetry ? (
          <IconButton label={`Read ${name} again`} onClick={onRetry}>
            <RotateCw size={15} />
          </IconButton>
        ) : null}
        <IconButton label={`Remove ${name}`} onClick={onRemove}>
          <X size={16} />
        </IconButton>
      </span>
    </li>
  );
}

function StateSign({ state }: { state: ReadingState }): JSX.Element {
  switch (state.kind) {
    case 'reading':
      return <ProgressRing fraction={state.progress?.fraction ?? null} />;
    case 'waiting':
      return <ProgressRing fraction={0} />;
    case 'locked':
      return <Lock size={18} aria-hidden="true" />;
    case 'failed':
      return <TriangleAlert size={18} aria-hidden="true" />;
    case 'stopped':
    case 'ready':
      return <FileText size={18} aria-hidden="true" />;
  }
}

/** How a document stands, in a few words. */
function standingText({ state, pageCount }: OpenDocument): string {
  switch (state.kind) {
    case 'waiting':
      return 'Waits its turn';
    case 'reading': {
      if (state.progress === null) return 'Opening…';
      const { fraction, secondsLeft } = state.progress;
      const percent = `${Math.floor(100 * fraction)}%`;
      return secondsLeft === null ? `Reading · ${percent}` : `${percent} · ${timeLeftText(secondsLeft)}`;
    }
    case 'ready':
      return `${countText(state.summary.pageCount, 'page')} · ${numberText(state.summary.tokens)} tokens`;
    case 'locked':
      return state.password === 'wrong' ? 'Wrong password' : 'Needs its password';
    case 'stopped':
      return pageCount === null ? 'Not read' : `${countText(pageCount, 'page')} · not read`;
    case 'failed':
      return failureText(state.failure).title;
  }
}
