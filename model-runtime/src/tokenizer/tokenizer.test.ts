import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goldenCheckpoint, goldenFolder } from '../../test/golden-case.ts';
import { TextStream } from './text-stream.ts';
import { Tokenizer } from './tokenizer.ts';

interface Case {
  text: string | null;
  ids: number[];
  decoded: string;
}
const { cases } = JSON.parse(readFileSync(join(goldenFolder, 'tokenizer-cases.json'), 'utf8')) as { cases: Case[] };
const tokenizer = await Tokenizer.open(goldenCheckpoint('plain'));
const bos = 2;
/**
 * Where @huggingface/tokenizers differs: a stretch of text that is nothing but two spaces is taken for the added token
 * "\u2581\u2581" of this test's vocabulary. In Gemma's own vocabulary merging gives that token too.
 */
const knownToDiffer = '  ';
const texts = cases.flatMap(({ text, ids }) => (text === null || text === knownToDiffer ? [] : [{ text, ids: ids.slice(1) }]));

describe('Tokenizer', () => {
  it('T1: ids equal the reference tokenizer’s, <bos> aside', () => {
    expect(texts.length).toBeGreaterThan(50);
    expect(texts.map(({ text }) => tokenizer.encode(text).ids)).toEqual(texts.map(({ ids }) => ids));
  });

  it('T1: decoded text equals the reference tokenizer’s', () => {
    expect(cases.map(({ ids }) => tokenizer.decode(ids))).toEqual(cases.map(({ decoded }) => decoded));
    expect(tokenizer.decode([bos])).toBe('');
  });

  it('T2: tokens cover the text from its first character on, in order, each at a character’s beginning', () => {
    for (const { text } of texts) {
      const { ids, starts } = tokenizer.encode(text);
      expect(starts, JSON.stringify(text)).toHaveLength(ids.length);
      expect(starts, JSON.stringify(text)).toEqual(starts.toSorted((a, b) => a - b));
      expect(starts.slice(0, 1), JSON.stringify(text)).toEqual(text === '' ? [] : [0]);
      expect(
        starts.filter((start) => start >= text.length || /^[\uDC00-\uDFFF]/.test(text.slice(start))),
        JSON.stringify(text),
      ).toEqual([]);
    }
  });

  it('T2: a token stands where its own characters do', () => {
    const text = 'Total: 42 € for 🦊 and Ünal\tend';
    const { ids, starts } = tokenizer.encode(text);
    const own = ids.map((id, index) => ({ token: tokenizer.decode([id]), start: starts[index] ?? 0 }));
    expect(own.filter(({ token, start }) => !token.includes('\uFFFD') && !text.startsWith(token, start))).toEqual([]);
    expect(own.filter(({ token }) => token.includes('\uFFFD')).length).toBeGreaterThan(2);
  });

  it('names the file when a tokenizer cannot be read', async () => {
    await expect(Tokenizer.open(goldenFolder)).rejects.toMatchObject({ code: 'model-corrupt', details: { file: 'tokenizer.json' } });
  });
});

describe('TextStream', () => {
  it.each(texts)('T3: shows whole characters only, and in the end everything: $text', ({ ids }) => {
    const stream = new TextStream(tokenizer);
    const shown = ids.map((id) => stream.push(id));
    expect(shown.slice(0, -1).join('')).not.toContain('\uFFFD');
    const whole = shown.join('') + stream.end();
    expect(whole).toBe(tokenizer.decode(ids).trimStart());
    expect(stream.text).toBe(whole);
  });
});
