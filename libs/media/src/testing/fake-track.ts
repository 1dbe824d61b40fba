import type { TrackKind } from '@rushes/timeline';
import { encodeSenderReport } from '../rtp/sender-report.ts';
import { parseRtp } from '../rtp/rtp-packet.ts';
import type { DumpPacket } from '../rtpdump/dump-packet.ts';
import type { StoredTrack } from '../track/stored-track.ts';
import type { TrackNote } from '../track/track-notes.ts';

export type FakeTrackOptions = {
  trackId: string;
  media: TrackKind;
  codec: string;
  packets: readonly Uint8Array[];
  /** Recording time at which the sender captured the media's first instant. */
  capturedAtMs: number;
  /** How fast the sender's clocks (media and wall) run, parts per million above true. */
  fastPpm?: number;
  /** The sender's machine sleeps, at a recording time and for so long: none of its clocks counts that. */
  asleep?: { fromMs: number; forMs: number };
  /** One-way delay of packet `index`; default 5 ms. */
  delayMs?: (index: number) => number;
  /** Which packets arrive. */
  arrives?: (index: number, capturedMs: number) => boolean;
  /** Where the counters begin. */
  firstSequence?: number;
  firstTimestamp?: number;
  /** Recording times at which reports are made; default every second from 0.5 s. None: pass []. */
  reportsAtMs?: readonly number[];
  /** What reports say too late, by index. */
  reportErrorMs?: (index: number) => number;
  notes?: readonly TrackNote[];
  startMs?: number;
  cname?: string | null;
};

/** The sender's wall clock at recording time 0, milliseconds since 1900. */
const ntpEpochMs = 3_900_000_000_000;

/** A stored track made of real packets, with clocks, delays and losses as asked for. For specs. */
export function fakeTrack(options: FakeTrackOptions): StoredTrack {
  const { media, packets, capturedAtMs, fastPpm = 0 } = options;
  const clockRate = media === 'audio' ? 48_000 : 90_000;
  const { firstSequence = 65_500, firstTimestamp = 0xffff_0000 } = options;
  const first = parseRtp(packets[0]!)!;
  const senderRate = 1 + fastPpm / 1e6;
  /** Recording time of an instant that the sender takes for `atMs`. */
  const awake = (atMs: number): number => {
    const { fromMs, forMs } = options.asleep ?? { fromMs: Infinity, forMs: 0 };
    return atMs < fromMs ? atMs : atMs + forMs;
  };
  const dump: (DumpPacket & { exactMs: number })[] = [];

  packets.forEach((bytes, index) => {
    const packet = parseRtp(bytes)!;
    const ticks = (packet.timestamp - first.timestamp) >>> 0;
    // A fast sender's clock has counted `ticks` in less time.
    const capturedMs = capturedAtMs + (ticks / clockRate) * (1000 / senderRate);
    if (options.arrives && !options.arrives(index, capturedMs)) return;
    const data = new Uint8Array(bytes);
    const view = new DataView(data.buffer);
    view.setUint16(2, (firstSequence + index) & 0xffff);
    view.setUint32(4, (firstTimestamp + ticks) >>> 0);
    view.setUint32(8, ssrcOf(options));
    const exactMs = awake(capturedMs) + (options.delayMs?.(index) ?? 5);
    dump.push({ kind: 'rtp', atMs: Math.floor(exactMs), data, exactMs });
  });

  const lastMs = (dump.at(-1)?.exactMs ?? capturedAtMs) - (options.asleep?.forMs ?? 0);
  const reportsAtMs = options.reportsAtMs ?? everySecond(capturedAtMs + 500, lastMs);
  reportsAtMs.forEach((atMs, index) => {
    const ntpMs = ntpEpochMs + atMs * senderRate + (options.reportErrorMs?.(index) ?? 0);
    const ticks = Math.round(((atMs - capturedAtMs) * senderRate * clockRate) / 1000);
    const report = {
      ssrc: ssrcOf(options),
      ntpSec: Math.floor(ntpMs / 1000),
      ntpFrac: Math.floor(((ntpMs % 1000) / 1000) * 0x1_0000_0000),
      rtpTimestamp: (firstTimestamp + ticks) >>> 0,
      packetCount: 0,
      octetCount: 0,
    };
    const exactMs = awake(atMs) + 5;
    dump.push({ kind: 'rtcp', atMs: Math.floor(exactMs), data: encodeSenderReport(report), exactMs });
  });

  dump.sort((a, b) => a.exactMs - b.exactMs);
  return {
    header: {
      kind: 'track',
      version: 1,
      trackId: options.trackId,
      participantId: 'ann',
      media,
      source: media === 'audio' ? 'microphone' : 'camera',
      codec: options.codec,
      clockRate,
      cname: options.cname === undefined ? 'ann-cname' : options.cname,
      startMs: options.startMs ?? capturedAtMs,
    },
    notes: options.notes ?? [],
    async *readPackets() {
      yield* dump;
    },
  };
}

function ssrcOf({ media }: FakeTrackOptions): number {
  return media === 'audio' ? 1111 : 2222;
}

function everySecond(fromMs: number, toMs: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((toMs - fromMs) / 1000)) }, (_, index) => fromMs + index * 1000);
}

/** Deterministic numbers in [0, 1) (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
