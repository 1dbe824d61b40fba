import type { Gap, Manifest, ManifestTrack } from '@rushes/timeline';
import { expect, it } from 'vitest';
import { drawnGaps, lanesOf, sumUp, tellGaps } from './lanes.ts';

const gap = (fromMs: number, toMs: number, reason: Gap['reason']): Gap => ({ fromMs, toMs, reason });
const track = (participantId: string, source: ManifestTrack['source'], startMs: number, endMs: number | null) =>
  ({ participantId, source, startMs, endMs, gaps: [], trackId: `${source}-${startMs}` }) as unknown as ManifestTrack;

it('gives each participant a lane for each source, over all presences, in order of joining', () => {
  const manifest = {
    durationMs: 9000,
    participants: [
      { participantId: 'zoe', name: 'Zoe' },
      { participantId: 'ann', name: 'Ann' },
    ],
    tracks: [
      track('ann', 'camera', 100, null),
      track('ann', 'microphone', 100, null),
      track('nameless', 'screen', 5000, 6000),
      track('zoe', 'camera', 4000, null),
      track('zoe', 'camera', 0, 3000),
    ],
  } as unknown as Manifest;
  const lanes = lanesOf(manifest);
  expect(lanes.map(({ title }) => title)).toEqual([
    'Zoe · camera',
    'Ann · microphone',
    'Ann · camera',
    'nameless · screen',
  ]);
  expect(lanes[0]!.spans).toEqual([
    { fromMs: 0, toMs: 3000 },
    { fromMs: 4000, toMs: 9000 },
  ]);
});

it('draws gaps of one kind as one where they would touch, and losses over the rest', () => {
  const gaps = [gap(0, 10, 'network-loss'), gap(12, 50, 'muted'), gap(15, 20, 'recorder-down'), gap(90, 99, 'muted')];
  expect(drawnGaps(gaps, 5).map(({ fromMs, toMs, kind }) => [fromMs, toMs, kind])).toEqual([
    [12, 50, 'chosen'],
    [90, 99, 'chosen'],
    [0, 20, 'loss'],
  ]);
});

it('says in words how much is missing, losses first', () => {
  const gaps = [gap(0, 70_400, 'muted'), gap(71_000, 73_400, 'network-loss'), gap(80_000, 80_250, 'layer-switch')];
  expect(sumUp(gaps)).toBe('network loss 2.4 s · muted 1:10 min · change of quality 0.3 s');
  expect(tellGaps(gaps.slice(0, 2))).toBe('muted from 0:00 to 1:10, network loss from 1:11 to 1:13');
  expect(tellGaps(Array.from({ length: 11 }, (_, n) => gap(n * 1000, n * 1000 + 500, 'dtx')))).toMatch(/, 3 more$/);
  expect(tellGaps([])).toBe('nothing is missing');
});
