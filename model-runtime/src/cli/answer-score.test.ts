import { describe, expect, it } from 'vitest';
import { chrF, plainAnswer, scoreAnswer } from './answer-score.ts';

describe('scoreAnswer', () => {
  it('is exact but for case, spaces, an article and marks at the ends', () => {
    expect(plainAnswer('  The  Tyne Deposit\nScheme. ')).toBe('tyne deposit scheme');
    expect(scoreAnswer('“no”', ['no'])).toMatchObject({ isExact: false });
    expect(scoreAnswer('the Hallam Heating.', ['Hallam Heating'])).toMatchObject({ isExact: true, f1: 1 });
  });

  it('takes the best of the accepted answers', () => {
    expect(scoreAnswer('EUR 4,015.00', ['4,015.00', 'EUR 4,015.00'])).toMatchObject({ isExact: true, f1: 1 });
    expect(scoreAnswer('1 July', ['within 14 days', '1 July 2025'])).toMatchObject({ isExact: false, f1: 0.8 });
  });

  it('counts a word as often as both have it', () => {
    expect(scoreAnswer('ten ten ten', ['ten']).f1).toBe(0.5);
    expect(scoreAnswer('', ['ten'])).toMatchObject({ isExact: false, f1: 0 });
    expect(scoreAnswer('two', ['ten'])).toMatchObject({ isExact: false, f1: 0 });
  });
});

describe('chrF', () => {
  it('agrees with sacrebleu (CHRF().sentence_score, version 2.6.0)', () => {
    expect(chrF('Das Paket kommt am Montag an.', 'Das Paket kommt am Dienstag um 14:30 Uhr an.')).toBeCloseTo(0.4658819840271391, 12);
    expect(chrF('Il pacco', 'Il pacco arriva lunedì.')).toBeCloseTo(0.2940613054278525, 12);
    expect(chrF('Die Rechnung ist am 3. Mai fällig.', 'Die Rechnung ist am 3. Mai fällig.')).toBe(1);
    expect(chrF('ja', 'nein')).toBe(0);
    expect(chrF('', 'nein')).toBe(0);
  });
});
