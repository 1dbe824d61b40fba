import { describe, expect, it } from 'vitest';
import type { DomChunk, DomEvent } from '@rushes/timeline';
import { SyntheticPage } from '../../../../../test/fixtures/synthetic/page.ts';
import { replayEvents } from './replay-events.ts';

const page = new SyntheticPage({});

function chunkOf(events: DomEvent[]): DomChunk {
  return { kind: 'dom', version: 1, recordingId: 'r', surface: 's', startMs: 5000, endMs: 10_000, events };
}

describe('the events given to the Replayer', () => {
  it('carry the recording clock, whatever the page’s own clock said', () => {
    const [meta, snapshot] = page.snapshot(5000);
    const shifted = { ...meta!, event: { ...meta!.event, timestamp: 1_700_000_000_000 } };
    const events = replayEvents(chunkOf([shifted, snapshot!]), (key) => key);
    expect(events.map((event) => [event.type, event.timestamp])).toEqual([
      [4, 5000],
      [2, 5000],
    ]);
  });

  it('hold each position of a batched mouse move at its own time, in order', () => {
    const events = replayEvents(
      chunkOf([...page.snapshot(5000), page.mouse(5300, 100, 50), page.mouse(6000, 200, 50)]),
      String,
    );
    expect(events.slice(2).map((event) => event.timestamp)).toEqual([5000, 5100, 5300, 5600, 5800, 6000]);
  });

  it('must open with a snapshot', () => {
    const [meta] = page.snapshot(5000);
    expect(() => replayEvents(chunkOf([meta!, page.mouse(5300, 1, 1)]), String)).toThrow(
      'chunk s at 5000: expected rrweb events 4 (Meta) and 2 (FullSnapshot) first, got 4, 3',
    );
  });
});
