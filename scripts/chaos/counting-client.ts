import { setTimeout as pause } from 'node:timers/promises';
import { captureProtocol, type CaptureReply, type CaptureRequest, type RecordingId } from '@rushes/timeline';
import { WebSocket } from 'ws';
import { eventKey, type Ledger } from './ledger.ts';

/** Events of no reducer's, so that many of them cost no state. */
export const countedType = 'rushes.plugin.chaos.counted.v1';
export type Counted = { client: string; n: number };

export type CountingClientOptions = {
  name: string;
  /** Of the balancer. */
  url: string;
  ledger: Ledger;
  /** A capture token for this client. */
  issueToken(recordingId: RecordingId): Promise<string>;
  eventsPerBatch: number;
  /** Pause between an acknowledgement and the next batch, milliseconds. */
  pauseMs: number;
};

const retryMs = 250;
/** A batch that is not answered for this long is sent again over a new connection. */
const answerMs = 15_000;

type Socket = { ask(request: CaptureRequest): Promise<CaptureReply>; close(): void };

/**
 * Captures without a page: sends numbered events batch after batch, each until it is acknowledged, as the SDK does, and
 * notes in the ledger which ones are. Follows from recording to recording.
 */
export class CountingClient {
  #recordingId: RecordingId | undefined;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();
  #n = 0;

  constructor(private readonly options: CountingClientOptions) {}

  start(): void {
    this.#running = this.#run();
  }

  /** The next batch goes to this recording; the one on its way still goes to the former. */
  follow(recordingId: RecordingId): void {
    this.#recordingId = recordingId;
  }

  /** Resolves when the last batch is answered. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const recordingId = this.#recordingId;
      if (recordingId === undefined) await pause(retryMs);
      else await this.#captureInto(recordingId);
    }
  }

  async #captureInto(recordingId: RecordingId): Promise<void> {
    const { name, eventsPerBatch, pauseMs, ledger } = this.options;
    const source = `participants/${name}/${crypto.randomUUID()}`;
    const token = await this.#untilDone(() => this.options.issueToken(recordingId));
    let socket: Socket | undefined;
    for (let batchId = 0, seq = 0; !this.#isStopped && recordingId === this.#recordingId; batchId++) {
      const counted = Array.from({ length: eventsPerBatch }, (): Counted => ({ client: name, n: this.#n++ }));
      const events = counted.map((data) => ({ seq: seq++, type: countedType, atMs: Number.MAX_SAFE_INTEGER, data }));
      const keys = counted.map(({ client, n }) => eventKey(client, n));
      for (let isAnswered = false; !isAnswered;) {
        try {
          socket ??= await this.#connect(token, source);
          const reply = await socket.ask({ kind: 'batch', batchId, source, events });
          if (reply.kind === 'ack') ledger.acknowledge(recordingId, keys);
          else if (reply.kind === 'nack' && reply.retriable) {
            await pause(Math.max(reply.retryAfterMs ?? 0, retryMs));
            continue;
          } else ledger.refused.push(`${recordingId}: ${JSON.stringify(reply)}`);
          isAnswered = true;
        } catch {
          // The connection is gone: the batch is sent again over another.
          socket?.close();
          socket = undefined;
          await pause(retryMs);
        }
      }
      await pause(pauseMs);
    }
    socket?.close();
  }

  async #connect(token: string, source: string): Promise<Socket> {
    const url = `${this.options.url.replace(/^http/, 'ws')}/v1/capture?token=${encodeURIComponent(token)}`;
    const socket = new WebSocket(url, { handshakeTimeout: 5_000 });
    const failed = new Promise<never>((_, reject) => {
      socket.once('close', () => reject(new Error('closed')));
      socket.once('error', reject);
    });
    failed.catch(() => undefined);
    const ask = async (request: CaptureRequest): Promise<CaptureReply> => {
      const answered = new Promise<CaptureReply>((resolve) =>
        socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString()) as CaptureReply)),
      );
      socket.send(JSON.stringify(request));
      const late = pause(answerMs, undefined, { ref: false }).then(() => Promise.reject(new Error('no answer')));
      return Promise.race([answered, failed, late]);
    };
    await Promise.race([new Promise<void>((resolve) => socket.once('open', () => resolve())), failed]);
    await ask({ kind: 'hello', protocol: captureProtocol, source });
    return { ask, close: () => socket.terminate() };
  }

  async #untilDone<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch {
        await pause(retryMs);
      }
    }
  }
}
