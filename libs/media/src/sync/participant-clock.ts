import type { TrackSync } from '@rushes/timeline';
import type { StreamScan, TrackScan } from '../track/scan-track.ts';
import { quantile } from './fit-line.ts';
import { fitSteppedEnvelope } from './clock-steps.ts';
import type { Arrival, ClockRun, Standstill, SteppedEnvelope } from './clock-steps.ts';
import { SenderClock } from './sender-clock.ts';

/** One stream's media clock on the recording clock. */
export type StreamClock = {
  /** Recording time, in fractional milliseconds, of an unwrapped RTP timestamp. */
  atMsOf: (ticks: number) => number;
  /** In which nothing was captured, as the sender's machine slept. */
  standstills: readonly Standstill[];
  sync: TrackSync;
};

/**
 * Maps the streams of one sender to the recording clock. `scans` are all the tracks that share the sender's clock (same
 * participant and canonical name): their reports place them on the sender's wall clock, and one lower envelope of
 * (arrival − sender time) over all of them places that clock on the recording's, anew where it stood still. So what the sender
 * captured together stays together exactly, and no track's own delay moves it.
 * A stream without reports stands on the envelope of its own arrivals.
 *
 * The least delay itself (capture, encoder, network: some 10 ms in a browser on a local network) cannot be seen from
 * here and stays in the result, the same for all tracks of the sender.
 */
export function fitParticipantClock(scans: readonly TrackScan[]): (stream: StreamScan) => StreamClock {
  const senderClocks = new Map<StreamScan, SenderClock>();
  const arrivals: (Arrival & { isSteady: boolean })[] = [];
  let originNtpMs: number | undefined;
  for (const stream of scans.flatMap(({ streams }) => [...streams.values()])) {
    const clock = SenderClock.fit(stream);
    if (!clock) continue;
    senderClocks.set(stream, clock);
    for (const { ticks, atMs } of stream.windows) {
      const ntpMs = clock.ntpMsAt(ticks);
      originNtpMs ??= ntpMs;
      const x = ntpMs - originNtpMs;
      arrivals.push({ x, y: atMs - x, atMs, isSteady: clock.isSteadyAt(ticks) });
    }
  }
  // A packet that is placed too late by ever so little would take all others along.
  const steady = arrivals.filter(({ isSteady }) => isSteady);
  const stepped = arrivals.length > 0 ? fitSteppedEnvelope(steady.length > 0 ? steady : arrivals) : undefined;
  return (stream) => {
    const clock = senderClocks.get(stream);
    if (!clock || !stepped || originNtpMs === undefined) return clockFromArrivals(stream);
    return clockFromReports(stream, clock, stepped, originNtpMs);
  };
}

function clockFromReports(
  stream: StreamScan,
  clock: SenderClock,
  stepped: SteppedEnvelope,
  originNtpMs: number,
): StreamClock {
  return {
    atMsOf: onEnvelope(stream, stepped, (ticks) => clock.ntpMsAt(ticks) - originNtpMs),
    standstills: stepped.standstills,
    sync: {
      method: 'sender-reports',
      senderReports: clock.reportCount,
      driftPpm: driftPpm((1 + clock.slope) * (1 + longestRun(stepped).envelope.slope)),
      residualP95Ms: round(quantile(clock.residuals, 0.95)),
      outliers: clock.outliers,
    },
  };
}

function clockFromArrivals(stream: StreamScan): StreamClock {
  const { windows, clockRate } = stream;
  const originTicks = windows[0]!.ticks;
  const mediaMs = (ticks: number): number => ((ticks - originTicks) / clockRate) * 1000;
  const stepped = fitSteppedEnvelope(
    windows.map(({ ticks, atMs }) => ({ x: mediaMs(ticks), y: atMs - mediaMs(ticks), atMs })),
  );
  return {
    atMsOf: onEnvelope(stream, stepped, mediaMs),
    standstills: stepped.standstills,
    sync: {
      ...{ method: 'arrival-envelope', senderReports: 0, residualP95Ms: 0, outliers: 0 },
      driftPpm: driftPpm(1 + longestRun(stepped).envelope.slope),
    },
  };
}

/** Recording time of a timestamp by the run of the sender's clock in which it was sent. `senderMsOf`: the envelope's `x`. */
function onEnvelope(
  { windows }: StreamScan,
  { runs }: SteppedEnvelope,
  senderMsOf: (ticks: number) => number,
): (ticks: number) => number {
  const placed = runs.map(({ fromAtMs, envelope }) => {
    const first = windows.findIndex(({ atMs }) => atMs >= fromAtMs);
    // A stream that began later has nothing before its first packet, whichever that was.
    const fromTicks = first === 0 ? -Infinity : (windows[first]?.firstTicks ?? Infinity);
    return { fromTicks, envelope };
  });
  return (ticks) => {
    const { envelope } = placed.findLast(({ fromTicks }) => ticks >= fromTicks) ?? placed[0]!;
    const x = senderMsOf(ticks);
    return envelope.offset + x * (1 + envelope.slope);
  };
}

function longestRun({ runs }: SteppedEnvelope): ClockRun {
  return runs.reduce((longest, run) => (run.spanMs > longest.spanMs ? run : longest));
}

/** A media clock that counts more than it should is fast: positive. `recordingPerMedia`: recording ms in a media ms. */
function driftPpm(recordingPerMedia: number): number {
  return round((1 / recordingPerMedia - 1) * 1e6);
}

/** To three places: enough for people, and the same on every machine. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
