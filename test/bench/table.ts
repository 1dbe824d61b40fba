/** One row of `npm run bench`'s table: a measured figure beside a peer's or a limit. */
export type Measurement = {
  /** What was measured, on what: `export, 4 tiles, 720p30, 2 cores`. */
  what: string;
  ours: number;
  /** A peer's figure or the limit to keep, in the same unit. */
  against: number;
  /** Written after both figures: `× real time`, `MB`, `ms`. */
  unit: string;
  /** Which way is good. It makes the ratio read the same in every row: above 1 is better than what it is held against. */
  better: 'higher' | 'lower';
  /** Says whose figure `against` is, if it is not simply the limit: `screenshots`, `limit`. */
  peer?: string;
};

const widths = [56, 20, 28, 8];

/** How many times better than what it is held against. */
export function ratioOf({ ours, against, better }: Pick<Measurement, 'ours' | 'against' | 'better'>): number {
  return better === 'higher' ? ours / against : against / ours;
}

/** The table's head. `npm run bench` prints it once, before every file. */
export function formatHead(): string {
  return `${formatCells(['what', 'ours', 'peer or limit', 'ratio'])}\n${formatCells(widths.map((width) => '-'.repeat(width)))}`;
}

export function formatRow(measurement: Measurement): string {
  const { what, ours, against, unit, peer = 'limit' } = measurement;
  return formatCells([
    what,
    `${formatFigure(ours)} ${unit}`,
    `${formatFigure(against)} ${unit} (${peer})`,
    formatFigure(ratioOf(measurement)),
  ]);
}

/** Prints one row. A figure worse than a *limit* makes the run fail; one worse than a peer is only shown. */
export function report(measurement: Measurement): void {
  process.stdout.write(`${formatRow(measurement)}\n`);
  if (!measurement.peer && !(ratioOf(measurement) >= 1)) process.exitCode = 1;
}

function formatCells(cells: readonly string[]): string {
  return `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
}

/** Three significant digits, never in exponents. */
function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}
