import { describe, expect, it } from 'vitest';
import { goldenModel } from '../../test/golden-case.ts';
import type { PageText } from '../documents/page.ts';
import { readManifest } from '../manifest.ts';
import { Tokenizer } from '../tokenizer/tokenizer.ts';
import { DocumentTokens } from './document-tokens.ts';

const folder = await goldenModel('plain');
const tokenizer = await Tokenizer.open(folder);
const manifest = await readManifest(folder);

function page(pageNumber: number, text: string): PageText {
  return { pageNumber, widthPt: 595, heightPt: 842, read: text === '' ? 'none' : 'text', text, blocks: [], words: [] };
}

describe('DocumentTokens', () => {
  it('R1, T2: the input is <bos> and the pages joined by blank lines, and every token knows its page and characters', () => {
    const encoder = 'Read this: {document} The end.';
    const tokens = new DocumentTokens(tokenizer, { ...manifest, prompts: { ask: { encoder, decoder: '{question}' } } });
    const pages = [page(1, ''), page(2, 'First page, 42 €.'), page(3, 'Second 🦊 page.')];
    const ids = [...tokens.opening(), ...pages.flatMap((added) => tokens.add(added)), ...tokens.closing()];
    expect(ids).toHaveLength(tokens.length + tokens.closing().length);
    expect(ids[0]).toBe(manifest.tokens.bos);
    expect(tokenizer.decode(ids)).toBe('Read this: First page, 42 €.\n\nSecond 🦊 page. The end.');

    const placed = ids.map((id, index) => ({ id, place: tokens.placeOf(index) }));
    for (const { pageNumber, text } of pages) {
      const own = placed.filter(({ place }) => place?.pageNumber === pageNumber);
      const starts = own.map(({ place }) => place?.start ?? -1);
      expect(starts).toEqual(starts.toSorted((a, b) => a - b));
      expect(own.at(-1)?.place?.end ?? 0).toBe(text.length);
    }
    const word = placed.findIndex(({ place }) => place?.pageNumber === 3 && place.start === 0 && place.end > 0);
    expect('Second'.startsWith(tokenizer.decode([ids[word] ?? 0]))).toBe(true);
    expect(tokens.placeOf(0)).toBeUndefined();
    expect(tokens.placeOf(ids.length - 1)).toBeUndefined();
  });
});
