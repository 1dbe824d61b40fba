import { Duplex } from 'node:stream';
import type { PgliteServer } from './pglite-server.ts';
import { splitMessages, startupAnswer, startupLength } from './wire-messages.ts';

/**
 * The client's end of one connection: what `pg` writes is PostgreSQL's frontend protocol, what it reads the backend's.
 * Stands in for a `net.Socket`, hence `connect`, `setNoDelay`, `setKeepAlive`, `ref` and `unref`.
 */
export class PgliteConnection extends Duplex {
  #pending: Buffer = Buffer.alloc(0);
  #isStarted = false;
  /** Messages of the extended protocol that wait for their Sync. */
  #unit: Buffer[] = [];

  constructor(private readonly server: PgliteServer) {
    super({ allowHalfOpen: false });
  }

  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    // Answers are pushed when they come.
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#answer().then(
      () => done(),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.server.disconnect(this).then(
      () => done(error),
      () => done(error),
    );
  }

  async #answer(): Promise<void> {
    if (!this.#isStarted) {
      const length = startupLength(this.#pending);
      if (length === undefined) return;
      this.#pending = this.#pending.subarray(length);
      this.#isStarted = true;
      this.push(startupAnswer());
    }
    const { messages, rest } = splitMessages(this.#pending);
    this.#pending = rest;
    for (const message of messages) {
      const kind = String.fromCharCode(message[0]!);
      if (kind === 'X') {
        this.push(null);
        return;
      }
      this.#unit.push(message);
      if (kind !== 'Q' && kind !== 'S') continue;
      const unit = Buffer.concat(this.#unit);
      this.#unit = [];
      this.push(await this.server.execute(this, unit));
    }
  }
}
