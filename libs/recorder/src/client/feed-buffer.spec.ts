import type { TrackNote } from '@rushes/media';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FeedRequest } from '../feed/feed-protocol.ts';
import { PacketFrames } from '../feed/packet-frame.ts';
import { FeedBuffer } from './feed-buffer.ts';

let buffer: FeedBuffer;
beforeEach(() => {
  buffer = new FeedBuffer(20_000);
});

const packet = (atMs: number) => ({ kind: 'rtp' as const, atMs, data: Uint8Array.of(atMs & 0xff) });
const paused: TrackNote = { kind: 'paused', atMs: 5, reason: 'muted' };

/** What goes out now: numbers and instants of packets, and messages. */
function sent(frameLimit = Infinity): (FeedRequest | { seq: number; atMs: number })[] {
  const frames = new PacketFrames();
  const out: (FeedRequest | { seq: number; atMs: number })[] = [];
  let frameCount = 0;
  buffer.sendTo({
    get isBusy() {
      return frameCount >= frameLimit;
    },
    send: (request) => out.push(request),
    sendBinary: (frame) => {
      frameCount++;
      const { firstSeq, packets } = frames.decode(frame)!;
      out.push(...packets.map(({ atMs }, index) => ({ seq: firstSeq + index, atMs })));
    },
  });
  return out;
}

describe('what a recorder has not acknowledged', () => {
  it('goes out once, in order, packets and notes numbered together', () => {
    buffer.add(packet(1));
    buffer.note(paused);
    buffer.add(packet(6));
    buffer.end(7, 'p1');
    expect(sent()).toEqual([
      { seq: 0, atMs: 1 },
      { kind: 'note', seq: 1, note: paused },
      { seq: 2, atMs: 6 },
      { kind: 'end', seq: 3, atMs: 7, isGone: true, presenceId: 'p1' },
    ]);
    expect(sent()).toEqual([]);
  });

  it('goes out again from where the recorder is after a lost connection', () => {
    for (let atMs = 0; atMs < 4; atMs++) buffer.add(packet(atMs));
    sent();
    buffer.settle(1);
    buffer.resumeAt(3);
    expect(sent()).toEqual([{ seq: 3, atMs: 3 }]);
  });

  it('stays where its size is known while the line takes no more, and goes on where it stopped', () => {
    buffer = new FeedBuffer(1_000_000);
    for (let atMs = 0; atMs < 10; atMs++) buffer.add({ kind: 'rtp', atMs, data: new Uint8Array(30_000) });
    buffer.note(paused);
    expect(sent(2).map((item) => 'seq' in item && item.seq)).toEqual([0, 1, 2, 3]);
    expect(sent(0)).toEqual([]);
    buffer.settle(2);
    expect(sent().map((item) => 'seq' in item && item.seq)).toEqual([4, 5, 6, 7, 8, 9, 10]);
  });

  it('begins another track, which is paused as the first one was', () => {
    buffer.note(paused);
    buffer.add(packet(6));
    sent();
    buffer.settle(1);
    expect(buffer.beginAnew(9)).toBe(6);
    expect(buffer.beginAnew(9)).toBe(6);
    expect(sent()).toEqual([
      { kind: 'note', seq: 0, note: { ...paused, atMs: 6 } },
      { seq: 1, atMs: 6 },
    ]);
  });

  it('begins another track that is paused when nothing waits but the first one was paused', () => {
    buffer.note(paused);
    sent();
    buffer.settle(1);
    expect(buffer.beginAnew(9)).toBe(9);
    expect(sent()).toEqual([{ kind: 'note', seq: 0, note: { ...paused, atMs: 9 } }]);
  });

  it('loses its oldest packets beyond the limit, never notes, and says what is lost', () => {
    buffer.note(paused);
    let dropped = 0;
    for (let atMs = 0; dropped === 0; atMs++) dropped = buffer.add(packet(atMs));
    const [lost, note, next] = sent();
    expect(lost).toMatchObject({ note: { kind: 'lost', atMs: 0, toMs: dropped - 1, reason: 'recorder-down' } });
    expect(note).toMatchObject({ note: paused });
    expect(next).toMatchObject({ atMs: dropped });
  });

  it('says once what was on its way when older packets had to go, and says that those are lost', () => {
    buffer.note(paused);
    for (let atMs = 6; atMs < 10; atMs++) buffer.add(packet(atMs));
    sent();
    let dropped = 0;
    for (let atMs = 10; dropped === 0; atMs++) dropped = buffer.add(packet(atMs));
    const [lost, next] = sent();
    expect(lost).toMatchObject({ seq: 5, note: { kind: 'lost', atMs: 10, toMs: 9 + dropped } });
    expect(next).toMatchObject({ seq: 6, atMs: 10 + dropped });
    buffer.resumeAt(4);
    expect(sent().slice(0, 3)).toEqual([{ seq: 4, atMs: 9 }, lost, next]);
  });
});

it('refuses a message that is no whole packets', () => {
  const frames = new PacketFrames();
  expect(frames.decode(Uint8Array.of(0, 0, 0, 1))).toBeUndefined();
  expect(frames.decode(Uint8Array.of(0, 0, 0, 1, 0, 20, 0, 12, 0, 0, 0, 0, 1))).toBeUndefined();
});
