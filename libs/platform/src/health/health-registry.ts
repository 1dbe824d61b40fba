import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../logging/logger.ts';

/** Resolves when the part works; rejects with the reason when it does not. */
export type HealthCheck = () => Promise<void>;
/** `degraded`: it fails, and the process goes on with its work for as long as it can. */
export type CheckResult = 'ok' | 'degraded' | 'failing';
export type HealthReport = { status: 'ok' | 'failing'; checks: Record<string, CheckResult> };

/** A check that takes longer than this has failed. */
const checkTimeoutMs = 3_000;

/** What must work for this process to take requests. */
@Injectable()
export class HealthRegistry {
  readonly #checks = new Map<string, HealthCheck>();
  readonly #tolerated = new Set<string>();
  /** Checks that run, so that many who ask are answered by one, also while it hangs. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #draining = new AbortController();

  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  /** @throws Error when the name is taken */
  register(name: string, check: HealthCheck): void {
    if (this.#checks.has(name)) throw new Error(`A health check named ${name} is already registered`);
    this.#checks.set(name, check);
  }

  /**
   * Says that this process does its work while the named checks fail: they are reported as `degraded`, and it stays ready, for
   * a balancer that sent everybody elsewhere would make things worse.
   */
  tolerate(...names: readonly string[]): void {
    for (const name of names) this.#tolerated.add(name);
  }

  /** From now on the process is not ready: it ends, and takes no new work. */
  drain(): void {
    this.#draining.abort();
  }

  /** Aborted when the process ends: for answers without an end, which would hold it up. */
  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  /** Runs all checks at once. Reasons go to the log, not to the caller, who may be anybody. */
  async report(): Promise<HealthReport> {
    const results = await Promise.all(
      [...this.#checks].map(async ([name, check]) => [name, await this.run(name, check)] as const),
    );
    const checks = Object.fromEntries<CheckResult>(results);
    if (this.#draining.signal.aborted) checks.draining = 'failing';
    return { status: Object.values(checks).includes('failing') ? 'failing' : 'ok', checks };
  }

  private share(name: string, check: HealthCheck): Promise<void> {
    const running = this.#running.get(name) ?? check().finally(() => this.#running.delete(name));
    this.#running.set(name, running);
    return running;
  }

  private async run(name: string, check: HealthCheck): Promise<CheckResult> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${checkTimeoutMs} ms`)), checkTimeoutMs);
    });
    try {
      await Promise.race([this.share(name, check), timeout]);
      return 'ok';
    } catch (err) {
      this.logger.warn({ err, check: name }, 'health check failed');
      return this.#tolerated.has(name) ? 'degraded' : 'failing';
    } finally {
      clearTimeout(timer);
    }
  }
}
