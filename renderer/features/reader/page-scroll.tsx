/**
 * The pages of a document under one another, as many as can be seen. Sizes come from the pages themselves, so that
 * nothing jumps when a picture arrives; until a page's size is known, it is taken to be like the first one known.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type JSX, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { PageStanding } from '../../open-document.ts';
import { PageSheet } from './page-sheet.tsx';
import { PageStrip } from './page-strip.tsx';
import { type Pages, pageKey } from './page-store.ts';
import type { Jump, Passage } from './passage.ts';
import type { ReaderView } from './reader-header.tsx';
import styles from './page-scroll.module.css';

const A4_SHAPE = 842 / 595;
const WIDEST_SHEET_PX = 880;
const MARGIN_PX = 28;
const CAPTION_PX = 40;
/** Pages further away than this are jumped to, not scrolled to: a long glide would ask for every picture on its way. */
const GLIDE_PX = 2500;

/** What the scroller shows and reports. */
export interface PageScrollProps {
  documentId: string;
  standings: readonly PageStanding[];
  pages: Pages;
  view: ReaderView;
  marks: readonly Passage[];
  jump: Jump | null;
  onJump: (passage: Passage) => void;
}

/** The strip and the sheets. */
export function PageScroll({ documentId, standings, pages, view, marks, jump, onJump }: PageScrollProps): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const widthPx = useWidth(scroller);
  const sheetPx = Math.max(160, Math.round(Math.min(WIDEST_SHEET_PX, widthPx - 2 * MARGIN_PX) * view.zoom));
  const shapeOf = useShapes(documentId, pages);
  const heightOf = useCallback((pageIndex: number) => Math.round(sheetPx * shapeOf(pageIndex + 1)) + CAPTION_PX, [sheetPx, shapeOf]);

  const virtualizer = useVirtualizer({
    count: standings.length,
    getScrollElement: () => scroller.current,
    estimateSize: heightOf,
    overscan: 1,
    paddingStart: 24,
    paddingEnd: 24,
  });
  useEffect(() => virtualizer.measure(), [virtualizer, heightOf]);

  const middle = (virtualizer.scrollOffset ?? 0) + (virtualizer.scrollRect?.height ?? 0) / 2;
  const items = virtualizer.getVirtualItems();
  const currentPage = (items.findLast((item) => item.start <= middle)?.index ?? 0) + 1;
  const markedPages = useMemo(() => new Set(marks.map((mark) => mark.pageNumber)), [marks]);

  useEffect(() => {
    if (jump === null || jump.passage.documentId !== documentId || widthPx === 0) return;
    const { pageNumber, boxes } = jump.passage;
    const start = virtualizer.getOffsetForIndex(pageNumber - 1, 'start')?.[0] ?? 0;
    const page = pages.state.getState().pages.get(pageKey(documentId, pageNumber));
    const topBox = boxes[0];
    const within =
      topBox === undefined || page === undefined ? 0 : (topBox.y / page.widthPt) * sheetPx - (scroller.current?.clientHeight ?? 0) / 3;
    const target = Math.max(0, start + Math.max(0, within));
    const isNear = Math.abs(target - (virtualizer.scrollOffset ?? 0)) < GLIDE_PX;
    virtualizer.scrollToOffset(target, { behavior: isNear ? 'smooth' : 'auto' });
    // a wish is granted once, when it is made; not again when sizes change
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [jump, widthPx === 0]);

  return (
    <>
      <PageStrip
        standings={standings}
        currentPage={currentPage}
        markedPages={markedPages}
        onPage={(pageNumber) => onJump({ documentId, pageNumber, boxes: [] })}
      />
      <div ref={scroller} className={styles['scroller']} role="region" aria-label="Pages of the document" tabIndex={0}>
        <div className={styles['sheets']} style={{ height: virtualizer.getTotalSize(), minWidth: sheetPx + 2 * MARGIN_PX }}>
          {items.map((item) => {
            const standing = standings[item.index];
            return standing === undefined ? null : (
              <div key={item.key} className={styles['place']} style={{ transform: `translateY(${item.start}px)`, height: item.size }}>
                <PageSheet
                  documentId={documentId}
                  standing={standing}
                  pages={pages}
                  shows={view.shows}
                  widthPx={sheetPx}
                  heightPx={item.size - CAPTION_PX}
                  marks={marks.filter((mark) => mark.pageNumber === standing.pageNumber)}
                />
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}

/** The width of an element, as it changes; 0 before it is laid out. */
function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [widthPx, setWidthPx] = useState(0);
  useEffect(() => {
    if (element.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidthPx(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return widthPx;
}

/** Height over width of each page, as far as known. */
function useShapes(documentId: string, pages: Pages): (pageNumber: number) => number {
  const known = useStore(pages.state).pages;
  return useMemo(() => {
    const shapeAt = (pageNumber: number): number | undefined => {
      const page = known.get(pageKey(documentId, pageNumber));
      return page === undefined ? undefined : page.heightPt / page.widthPt;
    };
    const usual = shapeAt(1) ?? A4_SHAPE;
    return (pageNumber) => shapeAt(pageNumber) ?? usual;
  }, [known, documentId]);
}
