/** The questions offered with the samples are ones whose answers are known to stand in them. */
import { expect, it } from 'vitest';
import { samples } from './samples.ts';

const known = Object.values(
  import.meta.glob<Record<string, { question: string }[]>>('../assets/samples/questions.json', { eager: true, import: 'default' }),
)[0];

it('offers only questions of which the answer is known', () => {
  expect(samples.length).toBeGreaterThan(0);
  for (const { name, questions } of samples) {
    expect(known?.[name]?.map(({ question }) => question)).toEqual(expect.arrayContaining([...questions]));
  }
});
