import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export type ProcessOptions = {
  /** As people call it: `gateway-1`. */
  name: string;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Gets what it prints, of all its lives. */
  logFile: string;
  /** Answers 200 when it is ready. */
  readyUrl: string;
  /** It has ended by itself; `tail` is the end of what it printed. */
  onFailure?: (failure: { name: string; how: string; tail: string }) => void;
};

const root = new URL('../..', import.meta.url);
const tailCharacters = 4_000;
/** Pause before a process that ended by itself is started again: at once, then longer while it fails quickly. Milliseconds. */
const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** A life longer than this was no failure to start. */
const soundLifeMs = 20_000;
const graceMs = 40_000;
const pollMs = 250;

/**
 * A process that is started again whenever it ends, as an orchestrator does, until it is asked to end. What it started itself
 * goes with it, as in a container, and all of it goes with this process, whatever happens to it.
 */
export class SupervisedProcess {
  #child: ChildProcess | undefined;
  #log: WriteStream | undefined;
  #tail = '';
  #isWanted = false;
  #life: Promise<void> = Promise.resolve();
  #starts = 0;

  constructor(private readonly options: ProcessOptions) {}

  get name(): string {
    return this.options.name;
  }

  /** Of the present life; undefined between two. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How often it was started. */
  get starts(): number {
    return this.#starts;
  }

  start(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#log = createWriteStream(this.options.logFile, { flags: 'a' });
    this.#life = this.#keepAlive();
  }

  /**
   * Resolves when it answers that it is ready.
   * @throws Error with the end of what it printed when it does not within `timeoutMs`
   */
  async whenReady(timeoutMs = 90_000): Promise<void> {
    for (const deadline = performance.now() + timeoutMs; performance.now() < deadline;) {
      const { pid } = this;
      if (pid !== undefined && (await isReady(this.options.readyUrl)) && pid === this.pid) return;
      await pause(pollMs);
    }
    throw new Error(`${this.name} was not ready within ${timeoutMs / 1000} s:\n${this.#tail}`);
  }

  /** Ends its present life as a crash does (SIGKILL); resolves when it is gone. It is started again. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** As {@link kill}, but it is not started again before {@link start}. */
  async killForGood(): Promise<void> {
    this.#isWanted = false;
    await this.kill();
    await this.#life;
  }

  /** Ends it in order, by force after 40 s; it is not started again. */
  async end(): Promise<void> {
    this.#isWanted = false;
    const child = this.#child;
    child?.kill('SIGTERM');
    const timer = setTimeout(() => child?.kill('SIGKILL'), graceMs);
    await this.#life;
    clearTimeout(timer);
    this.#log?.end();
  }

  async #keepAlive(): Promise<void> {
    let pauseMs = firstPauseMs;
    while (this.#isWanted) {
      const bornAt = performance.now();
      const how = await this.#live();
      if (!this.#isWanted) return;
      if (how !== 'SIGKILL') this.options.onFailure?.({ name: this.name, how, tail: this.#tail });
      const isSound = performance.now() - bornAt > soundLifeMs;
      pauseMs = isSound || how === 'SIGKILL' ? firstPauseMs : Math.min(pauseMs * 2, longestPauseMs);
      await pause(pauseMs);
    }
  }

  /** One life. @returns the signal or the exit code that ended it */
  async #live(): Promise<string> {
    const { command, args, env } = this.options;
    this.#starts++;
    this.#tail = '';
    const child = spawn('setpriv', ['--pdeathsig', 'SIGTERM', '--', command, ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C in the terminal is for whoever started it, who then ends it in order.
      detached: true,
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        this.#log?.write(data);
        this.#tail = (this.#tail + data.toString()).slice(-tailCharacters);
      });
    }
    try {
      const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      return signal ?? `exit code ${code}`;
    } catch (error) {
      return String(error);
    } finally {
      this.#child = undefined;
      endGroup(child.pid);
    }
  }
}

async function isReady(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(4_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

/** Ends what is left of a process group whose leader has just ended. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
