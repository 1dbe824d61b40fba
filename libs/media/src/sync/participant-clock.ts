import type { TrackSync } from '@rushes/timeline';
import type { StreamScan, TrackScan } from '../track/scan-track.ts';
import { quantile } from './fit-line.ts';
import type { Line, Point } from './fit-line.ts';
import { fitLowerEnvelope } from './lower-envelope.ts';
import { SenderClock } from './sender-clock.ts';

/** One stream's media clock on the recording clock. */
export type StreamClock = {
  /** Recording time, in fractional milliseconds, of an unwrapped RTP timestamp. */
  atMsOf: (ticks: number) => number;
  sync: TrackSync;
};

/**
 * Maps the streams of one sender to the recording clock. `scans` are all the tracks that share the sender's clock (same
 * participant and canonical name): their reports place them on the sender's wall clock, and one lower envelope of
 * (arrival − sender time) over all of them places that clock on the recording's. So what the sender captured together
 * stays together exactly, and no track's own delay moves it.
 * A stream without reports stands on the envelope of its own arrivals.
 *
 * The least delay itself (capture, encoder, network: some 10 ms in a browser on a local network) cannot be seen from
 * here and stays in the result, the same for all tracks of the sender.
 */
export function fitParticipantClock(scans: readonly TrackScan[]): (stream: StreamScan) => StreamClock {
  const senderClocks = new Map<StreamScan, SenderClock>();
  const points: Point[] = [];
  let originNtpMs: number | undefined;
  for (const stream of scans.flatMap(({ streams }) => [...streams.values()])) {
    const clock = SenderClock.fit(stream);
    if (!clock) continue;
    senderClocks.set(stream, clock);
    for (const { ticks, atMs } of stream.windows) {
      const ntpMs = clock.ntpMsAt(ticks);
      originNtpMs ??= ntpMs;
      points.push({ x: ntpMs - originNtpMs, y: atMs - (ntpMs - originNtpMs) });
    }
  }
  const envelope = points.length > 0 ? fitLowerEnvelope(points) : undefined;
  return (stream) => {
    const clock = senderClocks.get(stream);
    if (!clock || !envelope || originNtpMs === undefined) return clockFromArrivals(stream);
    return clockFromReports(clock, envelope, originNtpMs);
  };
}

function clockFromReports(clock: SenderClock, envelope: Line, originNtpMs: number): StreamClock {
  return {
    atMsOf: (ticks) => {
      const x = clock.ntpMsAt(ticks) - originNtpMs;
      return envelope.offset + x * (1 + envelope.slope);
    },
    sync: {
      method: 'sender-reports',
      senderReports: clock.reportCount,
      driftPpm: driftPpm((1 + clock.slope) * (1 + envelope.slope)),
      residualP95Ms: round(quantile(clock.residuals, 0.95)),
      outliers: clock.outliers,
    },
  };
}

function clockFromArrivals({ windows, clockRate }: StreamScan): StreamClock {
  const originTicks = windows[0]!.ticks;
  const mediaMs = (ticks: number): number => ((ticks - originTicks) / clockRate) * 1000;
  const delays = windows.map(({ ticks, atMs }) => ({ x: mediaMs(ticks), y: atMs - mediaMs(ticks) }));
  const envelope = fitLowerEnvelope(delays);
  return {
    atMsOf: (ticks) => envelope.offset + mediaMs(ticks) * (1 + envelope.slope),
    sync: {
      ...{ method: 'arrival-envelope', senderReports: 0, residualP95Ms: 0, outliers: 0 },
      driftPpm: driftPpm(1 + envelope.slope),
    },
  };
}

/** A media clock that counts more than it should is fast: positive. `recordingPerMedia`: recording ms in a media ms. */
function driftPpm(recordingPerMedia: number): number {
  return round((1 / recordingPerMedia - 1) * 1e6);
}

/** To three places: enough for people, and the same on every machine. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
