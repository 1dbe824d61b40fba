import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** A script of this folder in a process of its own: prints a line of JSON when it is ready and one for each line it is sent. */
export class LineProcess {
  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly lines: AsyncIterator<string>,
  ) {}

  /** @returns the process and the first thing it said */
  static async start<T>(
    script: string,
    args: readonly (string | number)[] = [],
    options: { env?: Record<string, string>; nodeOptions?: readonly string[] } = {},
  ): Promise<{ process: LineProcess; ready: T }> {
    const nodeArgs = [...(options.nodeOptions ?? []), '--import', 'tsx', join(import.meta.dirname, script)];
    const child = spawn(process.execPath, [...nodeArgs, ...args.map(String)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...options.env },
    });
    const started = new LineProcess(child, createInterface(child.stdout)[Symbol.asyncIterator]());
    return { process: started, ready: await started.#next<T>(script) };
  }

  async ask<T>(request: unknown): Promise<T> {
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    return this.#next<T>(JSON.stringify(request));
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.stdin.end();
    await exited;
  }

  async #next<T>(asked: string): Promise<T> {
    const next = await this.lines.next();
    if (next.done) throw new Error(`the process ended instead of answering ${asked}`);
    return JSON.parse(next.value) as T;
  }
}
