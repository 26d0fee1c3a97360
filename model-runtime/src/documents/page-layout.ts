/**
 * One page from words to text: regions in reading order, their blocks, and where every word stands.
 *
 * Text that runs in another direction than most of the page (margin notes turned by 90 degrees, stamps) follows after it,
 * in blocks of its own.
 */
import { textOf } from './line.ts';
import { boxAround, unreadPage } from './page.ts';
import type { Block, PageText, Span } from './page.ts';
import { blocksOf } from './paragraphs.ts';
import type { LaidBlock, PageLook } from './paragraphs.ts';
import { regionsOf } from './columns.ts';
import { readsRightToLeft } from './script.ts';
import { toPageBox } from './words.ts';
import type { DirectedWords, Frame, Word } from './words.ts';

/** A page's size and number. */
export interface PageShape {
  pageNumber: number;
  widthPt: number;
  heightPt: number;
}

/**
 * The text of a page in reading order. `apart` holds words that are blocks of their own wherever they stand (a running
 * header where it is first met): they go first or last, by whether they stand in the upper half. `body` is what earlier
 * pages of the document looked like.
 */
export function layoutPage(
  shape: PageShape,
  directions: readonly DirectedWords[],
  { apart = new Set(), body = new BodyText() }: { apart?: ReadonlySet<Word>; body?: BodyText } = {},
): PageText {
  const builder = new PageBuilder(shape);
  for (const { words } of directions) body.count(words);
  for (const { frame, words } of directions) {
    const look = { ...body.look(), readsRightToLeft: readsRightToLeft(words.map((word) => word.text)) };
    const own = words.filter((word) => apart.has(word));
    const flow = words.filter((word) => !apart.has(word));
    const isUpper = (word: Word): boolean => word.baseline < frame.height / 2;
    builder.add(frame, blocksOf(own.filter(isUpper), look));
    for (const region of regionsOf(flow)) builder.add(frame, blocksOf(region, look));
    builder.add(
      frame,
      blocksOf(
        own.filter((word) => !isUpper(word)),
        look,
      ),
    );
  }
  return builder.finish();
}

/** What the running text of a document looks like, counted over the pages so far: the size and the font of most letters. */
export class BodyText {
  readonly #sizes = new Map<number, number>();
  readonly #fonts = new Map<string, number>();

  /** Adds the words of a page. */
  count(words: readonly Word[]): void {
    for (const { size, font, text } of words) {
      const rounded = Math.round(size * 10) / 10;
      this.#sizes.set(rounded, (this.#sizes.get(rounded) ?? 0) + text.length);
      this.#fonts.set(font, (this.#fonts.get(font) ?? 0) + text.length);
    }
  }

  look(): Pick<PageLook, 'bodySize' | 'bodyFont'> {
    return { bodySize: mostOf(this.#sizes) ?? 10, bodyFont: mostOf(this.#fonts) ?? '' };
  }
}

function mostOf<Key>(counts: ReadonlyMap<Key, number>): Key | undefined {
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0];
}

/** Strings blocks together and keeps count of the offsets. */
class PageBuilder {
  readonly #shape: PageShape;
  readonly #blocks: Block[] = [];
  readonly #words: Span[] = [];
  #text = '';

  constructor(shape: PageShape) {
    this.#shape = shape;
  }

  add(frame: Frame, blocks: readonly LaidBlock[]): void {
    for (const { kind, pieces } of blocks) {
      if (textOf(pieces).trim() === '') continue;
      if (this.#text !== '') this.#text += '\n\n';
      const start = this.#text.length;
      const boxes = [];
      for (const { before, text, word } of pieces) {
        this.#text += before;
        const box = toPageBox(frame, word);
        boxes.push(box);
        if (text !== '') this.#words.push({ start: this.#text.length, end: this.#text.length + text.length, box });
        this.#text += text;
      }
      this.#blocks.push({ kind, start, end: this.#text.length, box: boxAround(boxes) });
    }
  }

  finish(): PageText {
    const { pageNumber, widthPt, heightPt } = this.#shape;
    if (this.#text === '') return unreadPage(this.#shape, 'no text layer');
    return { pageNumber, widthPt, heightPt, read: 'text', text: this.#text, blocks: this.#blocks, words: this.#words };
  }
}
