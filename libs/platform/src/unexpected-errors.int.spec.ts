import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('./testing/fixtures/unexpected-errors-process.ts', import.meta.url));
type Line = { level: string; msg: string; kind?: string };

/** Runs the process with an error that nobody handles; what it logged, and how it ended by itself or when it was told to. */
async function run(error: string): Promise<{ lines: Line[]; exitCode: number | null }> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, error], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const lines: Line[] = [];
  for await (const text of createInterface(child.stdout)) {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    // It goes on: it is told to end in its own time.
    if (line.msg === 'alive') child.stdin.end();
  }
  return { lines, exitCode: (await ended)[0] };
}

describe('an error that nobody handles', () => {
  it.each([
    ['away-rejection', 'rejection'],
    ['away-exception', 'exception'],
  ])('is logged and survived when something outside is away: %s', async (error, kind) => {
    const { lines, exitCode } = await run(error);
    expect(lines).toEqual([
      expect.objectContaining({ level: 'error', kind, msg: 'nobody handled that something outside is away' }),
      expect.objectContaining({ msg: 'alive' }),
    ]);
    expect(exitCode).toBe(0);
  });

  it.each([
    ['mistake-rejection', 'rejection'],
    ['mistake-exception', 'exception'],
  ])('ends the process when it is a mistake: %s', async (error, kind) => {
    const { lines, exitCode } = await run(error);
    expect(lines).toEqual([expect.objectContaining({ level: 'fatal', kind })]);
    expect(exitCode).toBe(1);
  });
});
