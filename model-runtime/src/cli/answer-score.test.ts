import { describe, expect, it } from 'vitest';
import { plainAnswer, scoreAnswer } from './answer-score.ts';

describe('scoreAnswer', () => {
  it('is exact but for case, spaces, an article and marks at the ends', () => {
    expect(plainAnswer('  The  Tyne Deposit\nScheme. ')).toBe('tyne deposit scheme');
    expect(scoreAnswer('“no”', ['no'])).toMatchObject({ isExact: false });
    expect(scoreAnswer('the Hallam Heating.', ['Hallam Heating'])).toEqual({ isExact: true, f1: 1 });
  });

  it('takes the best of the accepted answers', () => {
    expect(scoreAnswer('EUR 4,015.00', ['4,015.00', 'EUR 4,015.00'])).toEqual({ isExact: true, f1: 1 });
    expect(scoreAnswer('1 July', ['within 14 days', '1 July 2025'])).toEqual({ isExact: false, f1: 0.8 });
  });

  it('counts a word as often as both have it', () => {
    expect(scoreAnswer('ten ten ten', ['ten']).f1).toBe(0.5);
    expect(scoreAnswer('', ['ten'])).toEqual({ isExact: false, f1: 0 });
    expect(scoreAnswer('two', ['ten'])).toEqual({ isExact: false, f1: 0 });
  });
});
