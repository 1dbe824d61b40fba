import { expect, it } from 'vitest';
import { longMeeting } from './scenarios.ts';
import { stretchesOf, withinStretches } from './stretch.ts';

it('looks at the whole of a short meeting', () => {
  expect(stretchesOf(longMeeting(2), 121_000)).toEqual([{ fromMs: 0, toMs: 121_000 }]);
});

it('looks at a long meeting from its beginning to its end', () => {
  const stretches = stretchesOf(longMeeting(120), 7_201_300);
  expect(stretches).toHaveLength(13);
  expect(stretches[0]).toEqual({ fromMs: 0, toMs: 40_000 });
  expect(stretches[12]).toEqual({ fromMs: 7_161_000, toMs: 7_201_000 });
});

it('expects only what was on air while it looks', () => {
  const stretches = [10, 30].map((seconds) => ({ fromMs: seconds * 1000, toMs: (seconds + 10) * 1000 }));
  expect(withinStretches([{ fromMs: 15_000, toMs: 35_000 }], stretches)).toEqual([
    { fromMs: 15_000, toMs: 20_000 },
    { fromMs: 30_000, toMs: 35_000 },
  ]);
  expect(withinStretches([{ fromMs: 20_000, toMs: 30_000 }], stretches)).toEqual([]);
});
