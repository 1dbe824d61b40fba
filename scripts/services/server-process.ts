import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { findDescendants, isAlive, readProcess, type ProcessIdentity } from './process-table.ts';

export type ServerProcessOptions = {
  /** For messages: `Kafka node 1`. */
  name: string;
  command: string;
  args: string[];
  /** Added to this process's environment. */
  env?: Record<string, string>;
  /** Its working folder. */
  folder: string;
  /** Gets what it prints, at the end of what is there. */
  logFile: string;
  /** Ends it in good order. */
  stopSignal: 'SIGTERM' | 'SIGINT';
  /** Another user to run as; only root may. */
  user?: { uid: number; gid: number };
  /** true: the kernel ends it when the process that started it ends, however that happens. */
  endsWithParent: boolean;
  /** Is called when the process has been started or has ended. */
  onChange: () => void;
};

const graceMs = 20_000;
const pollMs = 50;

/**
 * One server as an operating system's process. It need not be this process's child: another run of `npm run services`
 * may have started it, and then it is known by its identity.
 */
export class ServerProcess {
  readonly #options: ServerProcessOptions;
  readonly #state: Partial<ProcessIdentity>;

  /** @param state tells which process it is, if one was started; holds the new one's identity after each start */
  constructor(options: ServerProcessOptions, state: Partial<ProcessIdentity>) {
    this.#options = options;
    this.#state = state;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Undefined when it does not run. */
  get pid(): number | undefined {
    return this.#identity?.pid;
  }

  get isRunning(): boolean {
    return this.#identity !== undefined;
  }

  /** Starts it; does nothing if it runs. Whoever calls waits for {@link whenReady}. */
  async start(): Promise<void> {
    if (this.isRunning) return;
    const { command, args, env, folder, logFile, stopSignal, user, endsWithParent, onChange } = this.#options;
    const log = openSync(logFile, 'a');
    const [program, ...programArgs] = endsWithParent
      ? ['setpriv', '--pdeathsig', stopSignal.slice('SIG'.length), '--', command, ...args]
      : [command, ...args];
    // A session of its own: Ctrl-C in the terminal is for whoever started it, who then ends it in order.
    const child = spawn(program, programArgs, {
      ...user,
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    await once(child, 'spawn');
    child.unref();
    Object.assign(this.#state, readProcess(child.pid!));
    onChange();
  }

  /**
   * Waits until `probe` succeeds.
   * @throws Error with the end of the log if the process ends first, or after `timeoutMs`.
   */
  async whenReady(probe: () => Promise<void>, timeoutMs = 120_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const failure = await probe().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined) return;
      if (!this.isRunning) throw new Error(`${this.name} ended as it started:\n${await this.#readLogEnd()}`);
      if (performance.now() > deadline) {
        throw new Error(`${this.name} was not ready after ${timeoutMs} ms:\n${await this.#readLogEnd()}`, {
          cause: failure,
        });
      }
      await delay(pollMs);
    }
  }

  /** Ends it in good order, by force after 20 s. Resolves when it is gone. */
  async stop(): Promise<void> {
    await this.#end(this.#options.stopSignal);
  }

  /** Ends it and its own children at once, as a crash does (SIGKILL). Resolves when they are gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const identity = this.#identity;
    if (identity === undefined) return;
    const all = [identity, ...findDescendants(identity.pid)];
    if (signal === 'SIGKILL') all.forEach(forceEnd);
    else process.kill(identity.pid, signal);
    const deadline = performance.now() + graceMs;
    while (all.some(isAlive)) {
      if (performance.now() > deadline) all.forEach(forceEnd);
      await delay(pollMs);
    }
    this.#options.onChange();
  }

  get #identity(): ProcessIdentity | undefined {
    const { pid, startedAtTicks } = this.#state;
    if (pid === undefined || startedAtTicks === undefined) return undefined;
    const identity = { pid, startedAtTicks };
    return isAlive(identity) ? identity : undefined;
  }

  async #readLogEnd(): Promise<string> {
    const log = await readFile(this.#options.logFile, 'utf8').catch(() => '');
    return log.trimEnd().split('\n').slice(-20).join('\n');
  }
}

function forceEnd(identity: ProcessIdentity): void {
  if (isAlive(identity)) process.kill(identity.pid, 'SIGKILL');
}
