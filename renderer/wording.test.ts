/** Numbers as people read them. */
import { expect, it } from 'vitest';
import { countText, durationText, pagesText, sizeText, timeLeftText, weightsText } from './wording.ts';

it('says the time left the more coarsely the further off it is', () => {
  expect([0.4, 7.6, 23, 58, 100, 3599, 9000].map(timeLeftText)).toEqual([
    'a moment left',
    'about 8 s left',
    'about 25 s left',
    'about 1 min left',
    'about 2 min left',
    'about 1 h 0 min left',
    'about 2 h 30 min left',
  ]);
});

it('says how long something took', () => {
  expect([34, 840, 12_400, 60_000, 185_000].map(durationText)).toEqual(['34 ms', '0.8 s', '12 s', '1 min', '3 min 5 s']);
});

it('says counts, sizes and weights', () => {
  expect([countText(1, 'page'), countText(12_480, 'token')]).toEqual(['1 page', '12,480 tokens']);
  expect([sizeText(812), sizeText(9_812_344), sizeText(137_000_000_000)]).toEqual(['812 bytes', '9.8 MB', '137 GB']);
  expect([weightsText(7_112_448), weightsText(1_200_000_000)]).toEqual(['7.1 million', '1.2 billion']);
});

it('joins pages that follow one another', () => {
  expect([pagesText([4]), pagesText([7, 1, 2, 3]), pagesText([1, 3, 5])]).toEqual(['page 4', 'pages 1–3 and 7', 'pages 1, 3 and 5']);
});
