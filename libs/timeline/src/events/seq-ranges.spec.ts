import { expect, it } from 'vitest';
import { SeqRanges } from './seq-ranges.ts';

const source = 'participants/p/c';

it('takes each pair once, in any order, and stays small', () => {
  const ranges = new SeqRanges();
  const seqs = [5, 3, 4, 0, 1, 9, 2, 8, 7, 6];
  expect(seqs.map((seq) => ranges.add({ source, seq }))).toEqual(seqs.map(() => true));
  expect(seqs.map((seq) => ranges.add({ source, seq }))).toEqual(seqs.map(() => false));
  expect(ranges.toJSON()).toEqual({ [source]: [[0, 9]] });
});

it('keeps sources apart and remembers holes', () => {
  const ranges = new SeqRanges({
    [source]: [
      [0, 2],
      [5, 6],
    ],
  });
  expect(ranges.has({ source, seq: 3 })).toBe(false);
  expect(ranges.has({ source: 'participants/q/c', seq: 1 })).toBe(false);
  expect(ranges.add({ source, seq: 4 })).toBe(true);
  expect(ranges.toJSON()).toEqual({
    [source]: [
      [0, 2],
      [4, 6],
    ],
  });
});

it('joins what two sets hold', () => {
  const ranges = new SeqRanges({
    a: [
      [0, 2],
      [10, 12],
    ],
  });
  ranges.addAll({
    a: [
      [2, 4],
      [6, 11],
    ],
    b: [[1, 1]],
  });
  expect(ranges.toJSON()).toEqual({
    a: [
      [0, 4],
      [6, 12],
    ],
    b: [[1, 1]],
  });
});
