import type { Gap, GapReason } from '@rushes/timeline';
import { expect, it } from 'vitest';
import { recordingGaps } from './recording-gaps.ts';

const gap = (fromMs: number, toMs: number, reason: GapReason): Gap => ({ fromMs, toMs, reason });
const track = (startMs: number, endMs: number | null, ...gaps: Gap[]) => ({ startMs, endMs, gaps });

it('is missing what every track that ran misses by the recorder’s fault', () => {
  const tracks = [
    track(0, 20_000, gap(4000, 9000, 'recorder-down')),
    track(1000, null, gap(5000, 9500, 'recorder-down'), gap(12_000, 13_000, 'network-loss')),
    // Over by then, or not there yet.
    track(0, 3000),
    track(9000, 20_000),
  ];
  expect(recordingGaps(tracks)).toEqual([gap(5000, 9000, 'recorder-down')]);
});

it('is not hidden by who was muted, and not claimed where somebody was recorded', () => {
  const muted = track(0, 20_000, gap(0, 20_000, 'muted'));
  const lost = track(0, 20_000, gap(6000, 7000, 'spool-full'));
  expect(recordingGaps([muted, lost])).toEqual([gap(6000, 7000, 'spool-full')]);
  expect(recordingGaps([muted, lost, track(0, 20_000)])).toEqual([]);
  expect(recordingGaps([muted])).toEqual([]);
  expect(recordingGaps([])).toEqual([]);
});

it('joins what a track’s end or beginning cuts in pieces', () => {
  const tracks = [track(0, 6000, gap(4000, 6000, 'recorder-down')), track(0, 8000, gap(4000, 8000, 'recorder-down'))];
  expect(recordingGaps(tracks)).toEqual([gap(4000, 8000, 'recorder-down')]);
});
