/**
 * The pages of a document under one another, as many as can be seen. Sizes come from the pages themselves, so that
 * nothing jumps when a picture arrives; until a page's size is known, it is taken to be like the first one known.
 */
import { type Virtualizer, useVirtualizer } from '@tanstack/react-virtual';
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
  /** How far each document was scrolled when it was last left, by its id. */
  offsets: Map<string, number>;
  onJump: (passage: Passage) => void;
}

/** The strip and the sheets. */
export function PageScroll(props: PageScrollProps): JSX.Element {
  const { documentId, standings, pages, view, marks, jump, offsets, onJump } = props;
  const scroller = useRef<HTMLElement>(null);
  const widthPx = useWidth(scroller);
  const sheetPx = Math.max(160, Math.round(Math.min(WIDEST_SHEET_PX, widthPx - 2 * MARGIN_PX) * view.zoom));
  const shapeOf = useShapes(documentId, pages);
  const heightOf = useCallback((pageIndex: number) => Math.round(sheetPx * shapeOf(pageIndex + 1)) + CAPTION_PX, [sheetPx, shapeOf]);

  // oxlint-disable-next-line react/incompatible-library -- what it returns cannot be memoised by a compiler; none is used
  const virtualizer: Virtualizer<HTMLElement, Element> = useVirtualizer<HTMLElement, Element>({
    count: standings.length,
    getScrollElement: () => scroller.current,
    estimateSize: heightOf,
    overscan: 1,
    initialOffset: () => offsets.get(documentId) ?? 0,
    paddingStart: 24,
    paddingEnd: 24,
  });
  useEffect(() => virtualizer.measure(), [virtualizer, heightOf]);

  const middle = (virtualizer.scrollOffset ?? 0) + (virtualizer.scrollRect?.height ?? 0) / 2;
  const items = virtualizer.getVirtualItems();
  const currentPage = (items.findLast((item) => item.start <= middle)?.index ?? 0) + 1;
  const markedPages = useMemo(() => new Set(marks.map((mark) => mark.pageNumber)), [marks]);

  useJump({ jump, documentId, pages, sheetPx, isLaidOut: widthPx > 0, virtualizer });
  useEffect(() => {
    const { current } = scroller;
    return () => void offsets.set(documentId, current?.scrollTop ?? 0);
  }, [offsets, documentId]);

  return (
    <>
      {standings.length < 2 ? null : (
        <PageStrip
          standings={standings}
          currentPage={currentPage}
          markedPages={markedPages}
          onPage={(pageNumber) => onJump({ documentId, pageNumber, boxes: [] })}
        />
      )}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be within reach of the keyboard */}
      <section ref={scroller} className={styles['scroller']} aria-label="Pages of the document" tabIndex={0}>
        <div className={styles['sheets']} style={{ height: virtualizer.getTotalSize(), minWidth: sheetPx + 2 * MARGIN_PX }}>
          {items.map((item) => (
            <div key={item.key} className={styles['place']} style={{ transform: `translateY(${item.start}px)`, height: item.size }}>
              <SheetAt {...props} pageIndex={item.index} widthPx={sheetPx} heightPx={item.size - CAPTION_PX} />
            </div>
          ))}
        </div>
      </section>
    </>
  );
}

/** The sheet of one page, where there is such a page. */
function SheetAt(props: PageScrollProps & { pageIndex: number; widthPx: number; heightPx: number }): JSX.Element | null {
  const { documentId, standings, pages, view, marks, pageIndex, widthPx, heightPx } = props;
  const standing = standings[pageIndex];
  if (standing === undefined) return null;
  return (
    <PageSheet
      documentId={documentId}
      standing={standing}
      pages={pages}
      shows={view.shows}
      widthPx={widthPx}
      heightPx={heightPx}
      marks={marks.filter((mark) => mark.pageNumber === standing.pageNumber)}
    />
  );
}

interface JumpNeeds {
  jump: Jump | null;
  documentId: string;
  pages: Pages;
  sheetPx: number;
  /** Whether sizes are known; a wish made before waits until they are. */
  isLaidOut: boolean;
  virtualizer: Virtualizer<HTMLElement, Element>;
}

/** Scrolls to a passage that is wished for: its first box comes to stand a third from the top. */
function useJump({ jump, documentId, pages, sheetPx, isLaidOut, virtualizer }: JumpNeeds): void {
  const granted = useRef<Jump | null>(null);
  useEffect(() => {
    if (jump === null || jump === granted.current || jump.passage.documentId !== documentId || !isLaidOut) return;
    granted.current = jump; // once; not again when sizes change
    const target = offsetOf(jump.passage, { documentId, pages, sheetPx, virtualizer });
    const isNear = Math.abs(target - (virtualizer.scrollOffset ?? 0)) < GLIDE_PX;
    virtualizer.scrollToOffset(target, { behavior: isNear ? 'smooth' : 'auto' });
  }, [jump, documentId, pages, sheetPx, isLaidOut, virtualizer]);
}

function offsetOf({ pageNumber, boxes }: Passage, needs: Pick<JumpNeeds, 'documentId' | 'pages' | 'sheetPx' | 'virtualizer'>): number {
  const start = needs.virtualizer.getOffsetForIndex(pageNumber - 1, 'start')?.[0] ?? 0;
  const page = needs.pages.state.getState().pages.get(pageKey(needs.documentId, pageNumber));
  const boxTop = page === undefined ? 0 : ((boxes[0]?.y ?? 0) / page.widthPt) * needs.sheetPx;
  return start + Math.max(0, boxTop - (needs.virtualizer.scrollRect?.height ?? 0) / 3);
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
