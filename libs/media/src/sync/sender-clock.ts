import type { ReportPoint, StreamScan } from '../track/scan-track.ts';
import { fitLine } from './fit-line.ts';
import type { FittedLine, Point } from './fit-line.ts';
import { findWander, isSteadyAt, valueAt } from './wander.ts';

/** From a stream's unwrapped RTP timestamps to its sender's wall clock, over one stretch without a jump. */
type ClockPiece = FittedLine & {
  /** From this timestamp on. */
  fromTicks: number;
  /** Of the last report before a short jump and of the first one after it: in between it is only known that there was one. */
  unsure: [fromTicks: number, toTicks: number] | undefined;
  /** Where the clock is beside the line: x as the line's, y to be added. */
  wander: readonly Point[];
  originTicks: number;
  originNtpMs: number;
  reports: number;
};

/** Smaller jumps are left to the line and its wander; reports that others make of a stream scatter by some 30 ms. */
const jumpMs = 80;
const jumpSlope = 1000e-6;
/** A wall clock that is set by less than this is not told from a media clock that stood still. */
const leastSetMs = 1_000;

/**
 * A stream's media clock on its sender's wall clock, fitted through its sender reports. Where the relation jumps for
 * good (the browser's media clock stood still while nothing was sent, its wall clock was set), a new line begins; where it leaves the
 * line by and by, or in smaller steps, it is followed.
 */
export class SenderClock {
  private constructor(
    private readonly clockRate: number,
    private readonly pieces: readonly ClockPiece[],
    /** Reports that lie on no line. */
    readonly outliers: number,
  ) {}

  /** undefined when the stream has no sender reports. */
  static fit(scan: StreamScan): SenderClock | undefined {
    const { runs, strays } = splitAtJumps(scan);
    if (runs.length === 0) return undefined;
    const pieces: ClockPiece[] = [];
    runs.forEach((run, index) => {
      const origin = run[0]!;
      const from = { originTicks: origin.ticks, originNtpMs: origin.ntpMs };
      const points = run
        .map(({ ticks, ntpMs }) => {
          const x = mediaMsOn(from, ticks, scan.clockRate);
          return { x, y: ntpMs - origin.ntpMs - x };
        })
        .sort((a, b) => a.x - b.x);
      const line = { ...fitWanderingLine(points), ...from, reports: run.length };
      const before = pieces.at(-1);
      if (!before) return void pieces.push({ ...line, fromTicks: -Infinity, unsure: undefined });
      const last = runs[index - 1]!.at(-1)!;
      const { fromTicks, stepMs } = findJump(scan, last, origin);
      const jumpedMs = ntpMsOn(line, fromTicks, scan.clockRate) - ntpMsOn(before, fromTicks, scan.clockRate);
      // Somebody set the sender's wall clock: arrivals know nothing of it, and time goes on as it did.
      const wasSet = Math.abs(jumpedMs) > leastSetMs && Math.abs(stepMs - jumpedMs) > Math.abs(jumpedMs) / 2;
      const unsure: ClockPiece['unsure'] = Math.abs(jumpedMs) < leastSetMs ? [last.ticks, origin.ticks] : undefined;
      pieces.push({ ...line, fromTicks, unsure, originNtpMs: line.originNtpMs - (wasSet ? jumpedMs : 0) });
    });
    const outliers = strays + pieces.reduce((sum, piece) => sum + piece.outliers, 0);
    return new SenderClock(scan.clockRate, pieces, outliers);
  }

  /** The sender's wall clock, milliseconds since 1900, when its media clock stood at `ticks`. */
  ntpMsAt(ticks: number): number {
    return ntpMsOn(this.pieceAt(ticks), ticks, this.clockRate);
  }

  /** Whether that is known well there: near a step of less than a second it is known between two reports only. */
  isSteadyAt(ticks: number): boolean {
    if (this.pieces.some(({ unsure: [from, to] = [0, 0] }) => ticks > from && ticks < to)) return false;
    const piece = this.pieceAt(ticks);
    return isSteadyAt(piece.wander, mediaMsOn(piece, ticks, this.clockRate));
  }

  get reportCount(): number {
    return this.pieces.reduce((sum, piece) => sum + piece.reports, 0);
  }

  /** Sender wall milliseconds gained in each nominal media millisecond, on the longest piece. */
  get slope(): number {
    return this.pieces.reduce((longest, piece) => (piece.reports > longest.reports ? piece : longest)).slope;
  }

  /** Distances of the reports from their lines, ascending. */
  get residuals(): number[] {
    return this.pieces.flatMap(({ residuals }) => residuals).sort((a, b) => a - b);
  }

  private pieceAt(ticks: number): ClockPiece {
    return this.pieces.findLast(({ fromTicks }) => ticks >= fromTicks) ?? this.pieces[0]!;
  }
}

/**
 * Runs of reports without a jump. Strays are left out: those that others pass by, and a single one at either end, unless arrivals
 * bear it out.
 */
function splitAtJumps(scan: StreamScan): { runs: ReportPoint[][]; strays: number } {
  const { reports, clockRate } = scan;
  const agree = (a: ReportPoint | undefined, b: ReportPoint): boolean => {
    if (!a) return false;
    const mediaMs = ((b.ticks - a.ticks) / clockRate) * 1000;
    return Math.abs(b.ntpMs - a.ntpMs - mediaMs) <= jumpMs + jumpSlope * Math.abs(mediaMs);
  };
  const runs: ReportPoint[][] = [];
  for (const report of reports) {
    const [before, last] = [runs.at(-2), runs.at(-1)];
    if (agree(last?.at(-1), report)) last!.push(report);
    else if (last?.length === 1 && agree(before?.at(-1), report)) {
      runs.pop();
      before!.push(report);
    } else runs.push([report]);
  }
  const isStray = (run: ReportPoint[], before: ReportPoint, after: ReportPoint): boolean =>
    run.length === 1 && !isBorneOut(scan, before, after);
  if (runs.length > 1 && isStray(runs[0]!, runs[0]![0]!, runs[1]![0]!)) runs.shift();
  if (runs.length > 1 && isStray(runs.at(-1)!, runs.at(-2)!.at(-1)!, runs.at(-1)![0]!)) runs.pop();
  return { runs, strays: reports.length - runs.flat().length };
}

/** Whether packets came as much later against the media clock, from one report to the next, as the reports say that it stood still. */
function isBorneOut({ windows, clockRate }: StreamScan, before: ReportPoint, after: ReportPoint): boolean {
  const left = windows.findLast(({ ticks }) => ticks <= before.ticks) ?? windows[0];
  const right = windows.find(({ ticks }) => ticks >= after.ticks) ?? windows.at(-1);
  if (!left || !right) return false;
  const mediaMs = (from: { ticks: number }, to: { ticks: number }): number =>
    ((to.ticks - from.ticks) / clockRate) * 1000;
  const jumpedMs = after.ntpMs - before.ntpMs - mediaMs(before, after);
  const cameLaterMs = right.atMs - left.atMs - mediaMs(left, right);
  return Math.abs(cameLaterMs - jumpedMs) < jumpMs / 2;
}

function fitWanderingLine(points: readonly Point[]): FittedLine & { wander: readonly Point[] } {
  const line = fitLine(points);
  const wander = findWander(points, line);
  if (wander.length === 0) return { ...line, wander };
  return { ...fitLine(points.map(({ x, y }) => ({ x, y: y - valueAt(wander, x) }))), wander };
}

function mediaMsOn({ originTicks }: { originTicks: number }, ticks: number, clockRate: number): number {
  return ((ticks - originTicks) / clockRate) * 1000;
}

function ntpMsOn(line: Omit<ClockPiece, 'fromTicks' | 'unsure'>, ticks: number, clockRate: number): number {
  const x = mediaMsOn(line, ticks, clockRate);
  return line.originNtpMs + line.offset + x * (1 + line.slope) + valueAt(line.wander, x);
}

/** Between two reports, the timestamp at which arrivals step away from the media clock most, and how far. */
function findJump(
  { windows, clockRate }: StreamScan,
  before: ReportPoint,
  after: ReportPoint,
): { fromTicks: number; stepMs: number } {
  let jump = { fromTicks: after.ticks, stepMs: 0 };
  for (let index = 1; index < windows.length; index++) {
    const [left, right] = [windows[index - 1]!, windows[index]!];
    if (right.atMs < before.atMs || left.atMs > after.atMs) continue;
    const stepMs = right.atMs - left.atMs - ((right.ticks - left.ticks) / clockRate) * 1000;
    if (Math.abs(stepMs) > Math.abs(jump.stepMs)) jump = { fromTicks: right.firstTicks, stepMs };
  }
  return jump;
}
