import type { DestinationStream } from 'pino';

/** Turns pino's JSON lines into lines for people: `12:30:01.123 warn  message key=value`. */
export class TextStream implements DestinationStream {
  constructor(private readonly out: { write(text: string): unknown }) {}

  write(line: string): void {
    this.out.write(formatLine(line));
  }
}

function formatLine(line: string): string {
  const { time, level, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const clock = typeof time === 'string' ? time.slice(11, 23) : '';
  const facts = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const head = [clock, String(level).padEnd(5), msg, ...facts]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
  const stack = (err as { stack?: string } | undefined)?.stack;
  return `${head}\n${stack === undefined ? '' : `${stack}\n`}`;
}
