/** One page: its picture or its words, marked passages on top, and underneath how it was read. */
import type { DocumentPage } from 'model-runtime/contract';
import { isRuntimeError } from 'model-runtime/errors';
import { type CSSProperties, type JSX, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { PageStanding } from '../../open-document.ts';
import { type Pages, pageKey } from './page-store.ts';
import { PageWords } from './page-words.tsx';
import type { Passage } from './passage.ts';
import { standingText } from './standing-text.ts';
import styles from './page-sheet.module.css';

/** What a sheet shows. */
export interface PageSheetProps {
  documentId: string;
  standing: PageStanding;
  pages: Pages;
  shows: 'pictures' | 'words';
  widthPx: number;
  heightPx: number;
  marks: readonly Passage[];
}

/** A sheet of paper with a caption. */
export function PageSheet({ documentId, standing, pages, shows, widthPx, heightPx, marks }: PageSheetProps): JSX.Element {
  const { pageNumber, read } = standing;
  const page = useStore(pages.state, (state) => state.pages.get(pageKey(documentId, pageNumber)));
  const isParsed = read !== 'pending';
  const picture = usePicture({ documentId, pageNumber, widthPx, pages, isParsed });

  useEffect(() => {
    if (!isParsed) return; // a page not parsed yet cannot be had
    void pages.learn(documentId, pageNumber).catch((error: unknown) => {
      if (!isRuntimeError(error)) throw error;
    });
  }, [pages, documentId, pageNumber, isParsed]);

  return (
    <article aria-label={`Page ${pageNumber}`} style={{ width: widthPx }}>
      <div className={styles['sheet']} style={{ height: heightPx }}>
        {page !== undefined && (shows === 'words' || picture.kind === 'none') ? (
          <PageWords page={page} />
        ) : (
          <>
            <Look picture={picture} pageNumber={pageNumber} />
            {page === undefined ? null : <Marks marks={marks} page={page} />}
          </>
        )}
      </div>
      <p className={styles['caption']} data-read={read}>
        <span>Page {pageNumber}</span>
        {read === 'text' ? null : <span className={styles['standing']}>{standingText(standing)}</span>}
      </p>
    </article>
  );
}

function Look({ picture, pageNumber }: { picture: Picture; pageNumber: number }): JSX.Element {
  switch (picture.kind) {
    case 'shown':
      return <img src={picture.dataUrl} alt={`Page ${pageNumber}`} className={styles['picture']} draggable={false} />;
    case 'failed':
      return <p className={styles['failed']}>This page’s picture could not be made.</p>;
    case 'awaited':
    case 'none':
      return <span className={styles['number']}>{pageNumber}</span>;
  }
}

function Marks({ marks, page }: { marks: readonly Passage[]; page: DocumentPage }): JSX.Element {
  const boxes = marks.flatMap((mark) => mark.boxes);
  return (
    <div className={styles['marks']}>
      {boxes.map((box, index) => (
        <mark
          key={`${box.x}/${box.y}/${box.width}`}
          className={styles['mark']}
          style={
            {
              left: `${(100 * box.x) / page.widthPt}%`,
              top: `${(100 * box.y) / page.heightPt}%`,
              width: `${(100 * box.width) / page.widthPt}%`,
              height: `${(100 * box.height) / page.heightPt}%`,
              '--order': index,
            } as CSSProperties
          }
        />
      ))}
    </div>
  );
}

/** A page's picture: on its way, there, none to be had, or failed. */
type Picture = { kind: 'awaited' } | { kind: 'shown'; dataUrl: string } | { kind: 'none' } | { kind: 'failed' };

/** `isParsed`: a page that is parsed, or parsed anew since the engine was, may have the picture that could not be had before. */
function usePicture(wanted: { documentId: string; pageNumber: number; widthPx: number; pages: Pages; isParsed: boolean }): Picture {
  const { documentId, pageNumber, pages, isParsed } = wanted;
  const widthPx = Math.round(wanted.widthPx * window.devicePixelRatio);
  const [picture, setPicture] = useState<Picture>({ kind: 'awaited' });
  useEffect(() => {
    const leaving = new AbortController();
    pages.picture({ documentId, pageNumber, widthPx }, leaving.signal).then(
      (dataUrl) => {
        if (!leaving.signal.aborted) setPicture(dataUrl === null ? { kind: 'none' } : { kind: 'shown', dataUrl });
      },
      (error: unknown) => {
        if (!leaving.signal.aborted && !isRuntimeError(error, 'cancelled'))
          setPicture((shown) => (shown.kind === 'shown' ? shown : { kind: 'failed' }));
      },
    );
    return () => leaving.abort();
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [pages, documentId, pageNumber, widthPx, isParsed]);
  return picture;
}
