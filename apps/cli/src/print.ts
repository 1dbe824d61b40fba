/** What the command was asked for, a line. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One JSON document. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}

/** Rows under their headings, in columns. */
export function printTable(headings: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  for (const row of [headings, ...rows]) {
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
  }
}
