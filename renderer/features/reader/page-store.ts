/**
 * The pages of open documents as the reader shows them: their sizes and words, and their pictures.
 *
 * Pictures are asked for a few at a time, the latest wish first, so that the pages before the reader's eyes come before
 * those it has scrolled past; a limited number is kept. Knows nothing of React.
 */
import type { DocumentPage, RuntimeClient } from 'model-runtime/contract';
import { cancelled } from 'model-runtime/errors';
import { type StoreApi, createStore } from 'zustand/vanilla';

/** How many pictures are kept. */
const KEPT_PICTURES = 80;
/** How many pictures are asked for at once: the runtime makes them one after another anyway. */
const PICTURES_AT_ONCE = 2;
/** Widths are rounded up to a multiple of this, so that a window being resized does not ask for every width it passes. */
const WIDTH_STEP_PX = 240;
const WIDEST_PX = 2400;

/** Pages known so far, by {@link pageKey}. */
export interface PageState {
  pages: ReadonlyMap<string, DocumentPage>;
}

/** The pages and how to come by them. */
export interface Pages {
  readonly state: StoreApi<PageState>;
  /** Fetches a page's size and words unless they are known. Rejects with a RuntimeError. */
  learn(documentId: string, pageNumber: number): Promise<void>;
  /** The picture of a page, at least `widthPx` wide where it may be; null for a page that has no look. Rejects with a RuntimeError. */
  picture(wish: PictureWish, signal: AbortSignal): Promise<string | null>;
}

/** A picture wanted. */
export interface PictureWish {
  documentId: string;
  pageNumber: number;
  widthPx: number;
}

/** What a page is filed under. */
export function pageKey(documentId: string, pageNumber: number): string {
  return `${documentId}/${pageNumber}`;
}

interface QueuedPicture {
  wish: PictureWish;
  signal: AbortSignal;
  resolve: (dataUrl: string | null) => void;
  reject: (error: unknown) => void;
}

/** No pages so far. */
export function createPages(client: RuntimeClient): Pages {
  const state = createStore<PageState>(() => ({ pages: new Map() }));
  const asked = new Map<string, Promise<void>>();

  async function fetchPage(documentId: string, pageNumber: number): Promise<void> {
    const page = await client.call('documents.page', { documentId, pageNumber });
    state.setState(({ pages }) => ({ pages: new Map(pages).set(pageKey(documentId, pageNumber), page) }));
  }

  return {
    state,
    picture: pictureQueue(client),
    learn(documentId, pageNumber) {
      const key = pageKey(documentId, pageNumber);
      if (state.getState().pages.has(key)) return Promise.resolve();
      const known = asked.get(key) ?? fetchPage(documentId, pageNumber).finally(() => asked.delete(key));
      asked.set(key, known);
      return known;
    },
  };
}

function pictureQueue(client: RuntimeClient): Pages['picture'] {
  const kept = new Map<string, string | null>(); // oldest use first
  const queue: QueuedPicture[] = [];
  let underWay = 0;

  function keep(key: string, dataUrl: string | null): void {
    kept.delete(key);
    kept.set(key, dataUrl);
    const oldest = kept.keys().next();
    if (kept.size > KEPT_PICTURES && oldest.done !== true) kept.delete(oldest.value);
  }

  async function fetchPicture({ wish, signal, resolve, reject }: QueuedPicture): Promise<void> {
    underWay += 1;
    try {
      const { dataUrl } = await client.call('documents.pageImage', wish, { signal });
      keep(pictureKey(wish), dataUrl);
      resolve(dataUrl);
    } catch (error) {
      reject(error);
    } finally {
      underWay -= 1;
      advance();
    }
  }

  function advance(): void {
    while (underWay < PICTURES_AT_ONCE) {
      const next = queue.pop();
      if (next === undefined) return;
      if (next.signal.aborted) next.reject(cancelled());
      else void fetchPicture(next);
    }
  }

  return (wanted, signal) => {
    const wish = { ...wanted, widthPx: Math.min(WIDEST_PX, WIDTH_STEP_PX * Math.ceil(wanted.widthPx / WIDTH_STEP_PX)) };
    const ready = kept.get(pictureKey(wish));
    if (ready !== undefined) {
      keep(pictureKey(wish), ready);
      return Promise.resolve(ready);
    }
    const { promise, resolve, reject } = Promise.withResolvers<string | null>();
    queue.push({ wish, signal, resolve, reject });
    advance();
    return promise;
  };
}

function pictureKey({ documentId, pageNumber, widthPx }: PictureWish): string {
  return `${pageKey(documentId, pageNumber)}@${widthPx}`;
}
