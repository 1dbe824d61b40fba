import type { TrackKind } from '@rushes/timeline';
import { quantile } from '../content/judge.ts';
import { signal } from '../content/signal.ts';
import type { OnAir } from './attendee.ts';
import { instantOf, type MediaClock } from './clock.ts';
import type { Observation } from './observation.ts';

/** What is known of an attendee beforehand. */
export type Sent = {
  name: string;
  clocks: Record<TrackKind, MediaClock>;
  onAir: Record<TrackKind, readonly OnAir[]>;
  /** Seconds of the pictures' clock whose flash was sent, where a busy sender may have left some out. */
  flashedSeconds?: ReadonlySet<number> | undefined;
};

export type Presence = { seen: number; due: number };

/** Milliseconds; NaN where there was nothing to measure. */
export type Judgement = {
  name: string;
  flashes: Presence;
  beeps: Presence;
  /** Sound against picture: positive when the sound is late. One a second. */
  offset: { medianMs: number; /** Of its size. */ p95Ms: number; count: number };
  /** By how much the offset grows, and what the measurement's own noise makes of that (one standard error). */
  trend: { msPerHour: number; noiseMsPerHour: number };
  /** How long after its capture each second was shown or heard: instants on the recording clock. */
  lateness: { atMs: number; lateMs: number }[];
};

/** After a track began or went on: its first key frame has to come. Before it ended: what was on its way. Milliseconds. */
const [settlingMs, endingMs] = [1500, 500];
/** A beep that is further off than this is another one. */
const nearMs = 400;
/** Pictures this near to a beep tell how late pictures are. */
const aroundMs = 500;
const fewPictures = 3;

/**
 * Judges what a medium presented of one attendee. The sound's lateness is that of its beeps; the picture's is that of each newly
 * shown picture, whose code says when it was captured: the median of those within half a second of a beep is held against it.
 * So a picture that stands still, or few pictures, cost no accuracy. A film shows a picture from the next instant of its grid on,
 * 0 to 33 ms after its time, half of that in the median: the offset holds this, as a viewer's eyes do. Of a camera at nearly the
 * grid's rate it is the same for long, and slides with the camera's clock: at 200 ppm by 24 ms in two minutes, a trend that is none.
 */
export function judge(sent: Sent, { pictures, beeps }: Observation, recordedAt: number): Judgement {
  const fresh = pictures.flatMap(({ atMs, code, isLit }, index) => {
    if (code === undefined || code === pictures[index - 1]?.code) return [];
    const clockMs = instantOf(sent.clocks.video, code, recordedAt + atMs);
    return [{ atMs, clockMs, isLit, lateMs: recordedAt + atMs - sent.clocks.video.capturedAt(clockMs) }];
  });
  const flashed = new Set(fresh.flatMap(({ clockMs, isLit }) => (isLit ? [Math.floor(clockMs / 1000)] : [])));
  const dueBeeps = dueSeconds(sent, 'audio', recordedAt);
  const heard = dueBeeps.flatMap((clockMs) => {
    const capturedMs = sent.clocks.audio.capturedAt(clockMs) - recordedAt;
    const atMs = nearest(beeps, capturedMs);
    return Math.abs(atMs - capturedMs) > nearMs ? [] : [{ atMs, lateMs: atMs - capturedMs }];
  });
  const offsets = heard.flatMap(({ atMs, lateMs }) => {
    const around = fresh.filter((picture) => Math.abs(picture.atMs - atMs) < aroundMs);
    if (around.length < fewPictures) return [];
    return [{ atMs, offsetMs: lateMs - median(around.map((picture) => picture.lateMs)) }];
  });
  const values = offsets.map(({ offsetMs }) => offsetMs);
  const { flashedSeconds } = sent;
  const dueFlashes = dueSeconds(sent, 'video', recordedAt).filter((ms) => flashedSeconds?.has(ms / 1000) ?? true);
  return {
    name: sent.name,
    flashes: { seen: dueFlashes.filter((ms) => flashed.has(ms / 1000)).length, due: dueFlashes.length },
    beeps: { seen: heard.length, due: dueBeeps.length },
    offset: { medianMs: median(values), p95Ms: quantile(values.map(Math.abs), 0.95), count: values.length },
    trend: trendOf(offsets.map(({ atMs, offsetMs }) => ({ x: atMs, y: offsetMs }))),
    lateness: heard.length > 0 ? heard : onePerSecond(fresh),
  };
}

/** How far attendees are apart: over each second in which several were presented, latest less earliest; 95th percentile. */
export function spreadOf(judgements: readonly Judgement[]): number {
  const seconds = new Map<number, Map<string, number>>();
  for (const { name, lateness } of judgements) {
    for (const { atMs, lateMs } of lateness) {
      const second = Math.round(atMs / 1000);
      seconds.set(second, (seconds.get(second) ?? new Map<string, number>()).set(name, lateMs));
    }
  }
  const spreads = [...seconds.values()].flatMap((late) =>
    late.size < 2 ? [] : [Math.max(...late.values()) - Math.min(...late.values())],
  );
  return quantile(spreads, 0.95);
}

/** Whole seconds of the sender's clock whose pulse lies within what was sent and recorded. */
function dueSeconds(sent: Sent, kind: TrackKind, recordedAt: number): number[] {
  const clock = sent.clocks[kind];
  return sent.onAir[kind].flatMap(({ fromMs, toMs }) => {
    const [from, to] = [fromMs + settlingMs, toMs - endingMs].map((ms) => clock.clockMsAt(recordedAt + ms));
    const seconds: number[] = [];
    for (let at = Math.ceil(from! / 1000) * 1000; at + signal.pulseMs <= to!; at += 1000) seconds.push(at);
    return seconds;
  });
}

function onePerSecond(pictures: readonly { atMs: number; lateMs: number }[]): { atMs: number; lateMs: number }[] {
  const seconds = Map.groupBy(pictures, ({ atMs }) => Math.round(atMs / 1000));
  return [...seconds].map(([second, each]) => ({
    atMs: second * 1000,
    lateMs: median(each.map(({ lateMs }) => lateMs)),
  }));
}

/** Least squares over time, with the slope's standard error; per hour. */
function trendOf(points: readonly { x: number; y: number }[]): Judgement['trend'] {
  if (points.length < 3) return { msPerHour: NaN, noiseMsPerHour: NaN };
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))];
  const xx = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / xx;
  const rest = points.reduce((sum, { x, y }) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  const error = Math.sqrt(rest / (points.length - 2) / xx);
  return { msPerHour: slope * 3_600_000, noiseMsPerHour: error * 3_600_000 };
}

function nearest(values: readonly number[], wanted: number): number {
  return values.reduce((best, value) => (Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best), Infinity);
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
