import type { Presence } from './judge.ts';
import type { Row } from './verdict.ts';

const columns = [
  'scenario',
  'medium',
  'who',
  'flashes',
  'beeps',
  'A/V offset, median, p95',
  'trend, ms an hour',
  'between',
  'limits',
  'verdict',
];
const widths = [36, 6, 4, 7, 7, 23, 18, 7, 18, 8];

export function printHead(): void {
  print(columns);
  print(widths.map((width) => '-'.repeat(width)));
}

export function printRow(row: Row): void {
  print(cellsOf(row));
}

/** A row's cells, in the order of the columns. */
export function cellsOf({ scenario, medium, judgement, spreadMs, limits, missed }: Row): string[] {
  const { name, flashes, beeps, offset, trend } = judgement;
  const hasOffset = offset.count > 0;
  const percent = Math.round(limits.presence * 100);
  return [
    scenario,
    medium,
    name,
    presence(flashes),
    presence(beeps),
    hasOffset ? `${signed(offset.medianMs)} ms, ${offset.p95Ms.toFixed(0)} ms` : '–',
    hasOffset ? `${signed(trend.msPerHour)} ± ${trend.noiseMsPerHour.toFixed(0)}` : '–',
    spreadMs === undefined ? '' : `${spreadMs.toFixed(0)} ms`,
    `${percent} %, ${limits.offsetMs}, ${limits.spreadMs} ms`,
    missed.length === 0 ? 'kept' : `MISSED: ${missed.join(', ')}`,
  ];
}

/** The worst of all rows, and how many missed a limit. */
export function printSum(rows: readonly Row[]): void {
  const worst = (values: readonly number[]): string => Math.max(0, ...values.filter(Number.isFinite)).toFixed(0);
  const offsets = (medium: Row['medium']): string =>
    worst(rows.filter((row) => row.medium === medium).map(({ judgement }) => judgement.offset.p95Ms));
  const pulses = rows.flatMap(({ judgement: { flashes, beeps } }) => [flashes, beeps]);
  const [seen, due] = [
    pulses.reduce((sum, each) => sum + each.seen, 0),
    pulses.reduce((sum, each) => sum + each.due, 0),
  ];
  const missed = rows.filter((row) => row.missed.length > 0).length;
  process.stdout.write(
    `\nWorst of ${rows.length} rows: sound against picture ${offsets('MP4')} ms in the MP4 and ${offsets('viewer')} ms in the viewer ` +
      `(95 of 100 seconds), participants ${worst(rows.map(({ spreadMs }) => spreadMs ?? 0))} ms apart; ` +
      `${seen} of ${due} flashes and beeps seen and heard; ${missed === 0 ? 'every limit kept' : `${missed} missed a limit`}.\n`,
  );
}

function presence({ seen, due }: Presence): string {
  return due === 0 ? '–' : `${seen}/${due}`;
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(0)}`;
}

function print(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |\n`);
}
