import { describe, expect, it } from 'vitest';
import { DraftLength, DraftSource } from './drafts.ts';

describe('DraftSource', () => {
  const source = new DraftSource([1, 2, 3, 9, 1, 2, 4, 9, 7, 2, 5, 6]);

  it('goes on where the document agrees longest with what was written', () => {
    expect(source.propose([1, 2], 2)).toEqual([4, 9]); // both "1 2" agree: the later one
    expect(source.propose([9, 1, 2], 2)).toEqual([4, 9]);
    expect(source.propose([8, 7, 2], 9)).toEqual([5, 6]); // no more than there is
  });

  it('takes one token for a clue only where it stands in few places', () => {
    expect(source.propose([3], 2)).toEqual([9, 1]);
    expect(new DraftSource([1, 2, 1, 3, 1, 4, 1, 5, 1, 6]).propose([8, 1], 2)).toEqual([]);
  });

  it('has no guess for what does not stand in the document', () => {
    expect(source.propose([8], 4)).toEqual([]);
    expect(source.propose([], 4)).toEqual([]);
    expect(source.propose([6], 4)).toEqual([]); // it stands at the very end
  });

  it('goes back from the end of the document to where enough follows', () => {
    expect(new DraftSource([3, 5, 6, 5, 6, 5, 6]).propose([3, 5, 6], 2)).toEqual([5, 6]);
    expect(new DraftSource([8, 1, 2, 7, 7, 7, 7, 1, 2]).propose([1, 2], 3)).toEqual([7, 7, 7]);
  });
});

describe('DraftLength', () => {
  it('grows with right guesses and shrinks to what was right', () => {
    const length = new DraftLength();
    expect(length.next).toBe(4);
    length.learn(4, 4);
    expect(length.next).toBe(8);
    length.learn(8, 8);
    length.learn(16, 16);
    expect(length.next).toBe(16);
    length.learn(0, 0);
    expect(length.next).toBe(16);
    length.learn(16, 3);
    expect(length.next).toBe(4);
    length.learn(4, 0);
    expect(length.next).toBe(2);
  });
});
