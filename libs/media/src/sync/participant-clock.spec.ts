import { expect, it } from 'vitest';
import { fakeTrack, seededRandom } from '../testing/fake-track.ts';
import type { StreamScan, TrackScan } from '../track/scan-track.ts';
import { fitParticipantClock } from './participant-clock.ts';

const hours = 2;
const seconds = hours * 3600;
const leastDelayMs = 15;
const clockRates = { audio: 48_000, video: 90_000 } as const;

type Clocks = {
  /** Of the sender's wall clock against the recording clock. */
  wallPpm: number;
  mediaPpm: number;
  /** How long the media clock has stood still until an instant of the recording clock, all in all. Milliseconds. */
  stoodMs?: (atMs: number) => number;
};

/** Two hours of one stream: arrivals with jitter, and a report every five seconds that is off by up to `reportScatterMs`. */
function scanOf(kind: 'audio' | 'video', { wallPpm, ...clock }: Clocks, reportScatterMs: number): TrackScan {
  const random = seededRandom(kind.length + clock.mediaPpm);
  const clockRate = clockRates[kind];
  const ticksAt = (atMs: number): number => Math.round(ticksOf(atMs, clockRate, clock));
  const windows = Array.from({ length: seconds }, (_, second) => {
    const capturedMs = second * 1000 + random() * 900;
    const ticks = ticksAt(capturedMs);
    return { ticks, firstTicks: ticks, atMs: Math.floor(capturedMs + leastDelayMs + random() ** 2 * 40) };
  });
  const reports = Array.from({ length: seconds / 5 }, (_, index) => {
    const atMs = index * 5000 + 700;
    const ntpMs = 3_900_000_000_000 + atMs * (1 + wallPpm / 1e6) + (random() - 0.5) * 2 * reportScatterMs;
    return { ticks: ticksAt(atMs), ntpMs, atMs: atMs + leastDelayMs };
  });
  const stream: StreamScan = { ssrc: 1, clockRate, packetCount: 1, frameCount: 1, windows, reports };
  const track = fakeTrack({ trackId: kind, media: kind, codec: 'any', packets: [emptyRtp], capturedAtMs: 0 });
  return { track, streams: new Map([[1, stream]]), lastAtMs: undefined };
}

function ticksOf(atMs: number, clockRate: number, { mediaPpm, stoodMs = () => 0 }: Omit<Clocks, 'wallPpm'>): number {
  return (((atMs - stoodMs(atMs)) * (1 + mediaPpm / 1e6)) / 1000) * clockRate;
}

/** By how much a track is off its place at the beginning of every minute. Milliseconds, late is positive. */
function errorsOf(
  { streams }: TrackScan,
  clockOf: ReturnType<typeof fitParticipantClock>,
  clock: Omit<Clocks, 'wallPpm'>,
): number[] {
  const stream = streams.get(1)!;
  const { atMsOf } = clockOf(stream);
  return Array.from({ length: hours * 60 + 1 }, (_, minute) => {
    const atMs = minute * 60_000;
    return atMsOf(ticksOf(atMs, stream.clockRate, clock)) - atMs - leastDelayMs;
  });
}

const emptyRtp = Uint8Array.of(0x80, 96, ...new Uint8Array(10));

it.each([
  { wallPpm: 0, audioPpm: 0, videoPpm: 0 },
  { wallPpm: 80, audioPpm: 200, videoPpm: 80 },
  { wallPpm: -120, audioPpm: -120, videoPpm: 40 },
])('holds sound and picture together for two hours, and in their place: %o', ({ wallPpm, audioPpm, videoPpm }) => {
  const audio = scanOf('audio', { wallPpm, mediaPpm: audioPpm }, 20);
  const video = scanOf('video', { wallPpm, mediaPpm: videoPpm }, 2);
  const clockOf = fitParticipantClock([audio, video]);
  const sound = errorsOf(audio, clockOf, { mediaPpm: audioPpm });
  const picture = errorsOf(video, clockOf, { mediaPpm: videoPpm });
  expect(Math.max(...sound.map((error, minute) => Math.abs(error - picture[minute]!)))).toBeLessThan(5);
  expect(Math.max(...[...sound, ...picture].map(Math.abs))).toBeLessThan(10);
});

it('follows sound that stood still for some milliseconds again and again, as a browser without time for it lets it', () => {
  // 40 ms every 20 s, for four minutes early on, and for two in the middle.
  const steps = [...Array.from({ length: 18 }, (_, step) => 607 + step * 20), ...[3607, 3627, 3647, 3667, 3687, 3707]];
  const stoodMs = (atMs: number): number => steps.filter((second) => second * 1000 <= atMs).length * 40;
  const audio = scanOf('audio', { wallPpm: 0, mediaPpm: 30, stoodMs }, 20);
  const video = scanOf('video', { wallPpm: 0, mediaPpm: 0 }, 2);
  const clockOf = fitParticipantClock([audio, video]);
  const picture = errorsOf(video, clockOf, { mediaPpm: 0 });
  const sound = errorsOf(audio, clockOf, { mediaPpm: 30, stoodMs });
  const apart = sound.map((error, minute) => Math.abs(error - picture[minute]!));
  expect(Math.max(...apart)).toBeLessThan(40);
  expect(apart.filter((ms) => ms > 15).length).toBeLessThan(apart.length / 20);
  // The noise of the reports, which no step is known without, moves all of them together.
  expect(Math.max(...picture.map(Math.abs))).toBeLessThan(25);
});

it('lets sound that stood still twice between two reports move nothing but itself', () => {
  const stoodMs = (atMs: number): number => (atMs >= 601_500 ? 150 : 0) + (atMs >= 603_500 ? 90 : 0);
  const audio = scanOf('audio', { wallPpm: 0, mediaPpm: 0, stoodMs }, 0.5);
  const video = scanOf('video', { wallPpm: 0, mediaPpm: 0 }, 0.5);
  const clockOf = fitParticipantClock([audio, video]);
  const picture = errorsOf(video, clockOf, { mediaPpm: 0 });
  const sound = errorsOf(audio, clockOf, { mediaPpm: 0, stoodMs });
  expect(Math.max(...[...sound, ...picture].map(Math.abs))).toBeLessThan(5);
});
