import { expect, it } from 'vitest';
import { formatHead, formatRow, ratioOf } from './table.ts';

it('gives a ratio above 1 to what is better, whichever way is good', () => {
  expect(ratioOf({ ours: 6, against: 3, better: 'higher' })).toBe(2);
  expect(ratioOf({ ours: 350, against: 700, better: 'lower' })).toBe(2);
});

it('writes rows as wide as the head, in three significant digits', () => {
  const row = formatRow({ what: 'export', ours: 4.2345, against: 3, unit: '× real time', better: 'higher' });
  expect(row).toContain('| 4.23 × real time');
  expect(row).toContain('| 3.00 × real time (limit)');
  expect(row).toContain('| 1.41 ');
  expect(row.length).toBe(formatHead().split('\n')[0]?.length);
});

it('writes large figures without exponents and names the peer', () => {
  const row = formatRow({ what: 'w', ours: 117_000, against: 0.19, unit: '/s', better: 'higher', peer: 'screenshots' });
  expect(row).toContain('| 117000 /s');
  expect(row).toContain('| 0.190 /s (screenshots)');
});
