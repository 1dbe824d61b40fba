import type { WebSocket } from 'ws';
import { deepestNesting, nestingOf, recordingNowMs, type Logger } from '@rushes/platform';
import { captureProtocol, captureRequestSchema, describeIssues, type CaptureReply } from '@rushes/timeline';
import type { Batch, BatchIntake, Sender } from '../batch-intake.ts';
import type { IngestMetrics } from '../metrics.ts';
import { IngestRefusal } from '../refusal.ts';
import { TokenBucket } from './token-bucket.ts';

/** Messages that may wait for the one being stored before the socket is no longer read. */
const mostWaiting = 4;

export type CaptureConnectionOptions = {
  socket: WebSocket;
  sender: Sender;
  /** Epoch milliseconds at which the token ends. */
  expiresAt: number;
  intake: BatchIntake;
  metrics: IngestMetrics;
  logger: Logger;
};

/** One captured page's connection: takes its messages one after another and answers each. */
export class CaptureConnection {
  readonly #bucket: TokenBucket;
  #isWelcome = false;
  #refusals = 0;
  #waiting = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(private readonly options: CaptureConnectionOptions) {
    const { socket, metrics, intake } = options;
    this.#bucket = new TokenBucket(intake.limits.eventsPerSecond, intake.limits.burstEvents, performance.now());
    metrics.connections.inc();
    socket.on('close', () => {
      metrics.connections.dec();
      intake.budget.forget(this.resume);
    });
    socket.on('message', (message: Buffer, isBinary) => this.enqueue(isBinary ? Buffer.alloc(0) : message));
  }

  private enqueue(message: Buffer): void {
    const { budget } = this.options.intake;
    budget.hold(message.length);
    this.#waiting += 1;
    this.pauseIfFull();
    this.#work = this.#work.then(async () => {
      await this.answer(message);
      this.#waiting -= 1;
      budget.release(message.length);
      this.resume();
    });
  }

  private pauseIfFull(): boolean {
    const { socket, intake } = this.options;
    if (intake.budget.isUsedUp) intake.budget.wait(this.resume);
    else if (this.#waiting < mostWaiting) return false;
    socket.pause();
    return true;
  }

  private readonly resume = (): void => {
    if (!this.pauseIfFull()) this.options.socket.resume();
  };

  /** Never rejects: whatever goes wrong is told to this page and concerns nobody else. */
  private async answer(message: Buffer): Promise<void> {
    let batchId = -1;
    try {
      if (Date.now() > this.options.expiresAt)
        throw new IngestRefusal('unauthorised', 'The capture token has expired.');
      const request = parseRequest(message.toString('utf8'));
      if (request.kind === 'batch') batchId = request.batchId;
      const waitMs = this.#bucket.take(request.kind === 'batch' ? request.events.length : 1, performance.now());
      if (waitMs > 0) {
        throw new IngestRefusal(
          'rate-limited',
          `expected at most ${this.options.intake.limits.eventsPerSecond} events a second`,
          {
            retryAfterMs: waitMs,
          },
        );
      }
      if (request.kind === 'hello') await this.welcome(request.protocol);
      else if (request.kind === 'time') await this.tellTime(request.t0);
      else await this.takeBatch(request, message.length);
    } catch (error) {
      this.refuse(batchId, toRefusal(error));
    }
  }

  private async welcome(protocol: number): Promise<void> {
    if (protocol !== captureProtocol) {
      throw new IngestRefusal('malformed', `protocol: expected ${captureProtocol}, got ${protocol}`);
    }
    const { sender, intake } = this.options;
    const { recordedAt } = await intake.spanOf(sender);
    this.#isWelcome = true;
    const { maxEventBytes, maxBatchBytes } = intake.limits;
    this.send({
      kind: 'welcome',
      recordingId: sender.recordingId,
      participantId: sender.participantId,
      nowMs: recordingNowMs(recordedAt),
      limits: { maxEventBytes, maxBatchBytes },
    });
  }

  private async tellTime(t0: number): Promise<void> {
    const { recordedAt } = await this.options.intake.spanOf(this.options.sender);
    this.send({ kind: 'time', t0, nowMs: recordingNowMs(recordedAt) });
  }

  private async takeBatch(batch: Batch, sizeBytes: number): Promise<void> {
    if (!this.#isWelcome) throw new IngestRefusal('malformed', 'expected hello before the first batch');
    await this.options.intake.take(batch, this.options.sender, sizeBytes);
    this.send({ kind: 'ack', batchId: batch.batchId });
  }

  private refuse(batchId: number, refusal: IngestRefusal): void {
    const { code, retriable, message, seq, retryAfterMs } = refusal;
    const { socket, metrics, logger, intake } = this.options;
    metrics.refusals.inc({ code });
    const facts = { code, batchId, ...(seq === undefined ? {} : { seq }) };
    if (code === 'unavailable') logger.error({ ...facts, err: refusal.cause }, 'capture batch not stored');
    else logger.info({ ...facts, reason: message }, 'capture message refused');
    this.send({
      kind: 'nack',
      batchId,
      code,
      retriable,
      message,
      ...(seq === undefined ? {} : { seq }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
    if (code === 'unauthorised' && batchId < 0) socket.close(4401, 'unauthorised');
    else if (!retriable && ++this.#refusals >= intake.limits.maxRefusals) socket.close(1008, 'too many refusals');
  }

  private send(reply: CaptureReply): void {
    const { socket } = this.options;
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(reply));
  }
}

function parseRequest(text: string) {
  if (nestingOf(text) > deepestNesting) {
    throw new IngestRefusal('malformed', `expected at most ${deepestNesting} nested arrays and objects`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new IngestRefusal('malformed', 'expected JSON text', { cause });
  }
  const result = captureRequestSchema.safeParse(value);
  if (!result.success) throw new IngestRefusal('malformed', describeIssues('message', result.error).slice(0, 500));
  return result.data;
}

/** Anything unforeseen may pass when it is tried again; it is logged with its cause. */
function toRefusal(error: unknown): IngestRefusal {
  return error instanceof IngestRefusal
    ? error
    : new IngestRefusal('unavailable', 'Something went wrong here.', { cause: error });
}
