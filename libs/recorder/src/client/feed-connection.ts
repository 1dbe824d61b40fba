import { monotonicEpochMs } from '@rushes/platform/clock';
import { WebSocket } from 'ws';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { feedPath, feedReplySchema, maxFeedBytes } from '../feed/feed-protocol.ts';
import type { FeedReply, FeedRequest } from '../feed/feed-protocol.ts';
import { RecorderError } from './recorder-error.ts';
import type { RemoteClock } from './remote-clock.ts';

export type FeedAddress = {
  /** Of the API: `https://rushes.example.com`. */
  apiUrl: string;
  apiKey: string;
  clock: RemoteClock;
  /** How often the recorder is asked for the time. Milliseconds. Default 10 s. */
  probeMs?: number;
  /** How long it may take for an answer before the connection is taken for lost. Milliseconds. Default 10 s. */
  answerMs?: number;
};

/** Round trips before anything is stamped. */
const firstProbes = 5;
const defaultProbeMs = 10_000;
const defaultAnswerMs = 10_000;
/** Bytes that wait in the socket before no more is given to it: the rest waits where it is counted. */
const mostUnsentBytes = 1 << 20;
/** Of an answer that is no WebSocket; problem documents are far smaller. */
const mostProblemBytes = 64 * 1024;

/** One WebSocket to a recorder. It keeps {@link RemoteClock} right for as long as it is open. */
export class FeedConnection {
  /** Told of what is not waited for: `ack`, `ended`, `refused`. */
  onReply: (reply: FeedReply) => void = () => undefined;
  /** Called once. */
  onClose: () => void = () => undefined;
  private waiting:
    { isForTime: boolean; resolve: (reply: FeedReply) => void; reject: (error: Error) => void } | undefined;
  private probing: NodeJS.Timeout | undefined;
  /** Runs while the recorder owes an answer to a probe. */
  private silence: NodeJS.Timeout | undefined;

  private constructor(
    private readonly socket: WebSocket,
    private readonly clock: RemoteClock,
    private readonly answerMs: number,
  ) {
    socket.on('message', (message: Buffer) => this.take(message));
    socket.on('close', (code: number) => {
      clearInterval(this.probing);
      clearTimeout(this.silence);
      this.waiting?.reject(new RecorderError('recorder-unreachable', `the recorder closed (${code})`, true));
      this.onClose();
    });
  }

  /** @throws RecorderError when the recorder is not to be reached or does not want the key */
  static async open(address: FeedAddress): Promise<FeedConnection> {
    const { apiUrl, apiKey, clock, probeMs = defaultProbeMs, answerMs = defaultAnswerMs } = address;
    const url = apiUrl.replace(/\/+$/, '').replace(/^http/, 'ws') + feedPath;
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${apiKey}` },
      perMessageDeflate: false,
      maxPayload: maxFeedBytes,
      handshakeTimeout: answerMs,
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      // Stays, so that a connection that breaks later ends nothing but itself.
      socket.on('error', (cause) => {
        reject(unreachable(url, cause));
      });
      socket.once('unexpected-response', (request, response) => {
        // A connection may break in the middle of the answer.
        void explain(request, response, url).then(reject, (cause: Error) => reject(unreachable(url, cause)));
      });
    });
    const connection = new FeedConnection(socket, clock, answerMs);
    connection.probing = setInterval(() => connection.probe(), probeMs).unref();
    return connection;
  }

  /** Measures how far the recorder's clock is ahead. */
  async measureClock(): Promise<void> {
    for (let count = 0; count < firstProbes; count++) await this.ask({ kind: 'time', t0: monotonicEpochMs() });
  }

  /** Resolves with the next answer; one at a time. @throws RecorderError when none comes */
  async ask(request: FeedRequest): Promise<FeedReply> {
    const answer = new Promise<FeedReply>((resolve, reject) => {
      this.waiting = { isForTime: request.kind === 'time', resolve, reject };
    });
    const timeout = setTimeout(() => this.socket.terminate(), this.answerMs);
    this.send(request);
    return answer.finally(() => {
      clearTimeout(timeout);
      this.waiting = undefined;
    });
  }

  send(request: FeedRequest): void {
    if (this.isOpen) this.socket.send(JSON.stringify(request));
  }

  sendBinary(frame: Uint8Array): void {
    if (this.isOpen) this.socket.send(frame);
  }

  /** Whether so much waits to be sent that no more should be given to it until the recorder answers. */
  get isBusy(): boolean {
    return this.socket.bufferedAmount > mostUnsentBytes;
  }

  close(): void {
    this.socket.close(1000);
  }

  private get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** A recorder that is dead or frozen, or a network that swallows everything, closes nothing: its silence says so. */
  private probe(): void {
    this.silence ??= setTimeout(() => this.socket.terminate(), this.answerMs).unref();
    this.send({ kind: 'time', t0: monotonicEpochMs() });
  }

  private take(message: Buffer): void {
    const receivedAt = monotonicEpochMs();
    clearTimeout(this.silence);
    this.silence = undefined;
    const reply = feedReplySchema.safeParse(parseJson(message.toString('utf8'))).data;
    // A later version may say more than is understood here.
    if (!reply) return;
    if (reply.kind === 'time') this.clock.take({ sentAt: reply.t0, receivedAt, epochMs: reply.epochMs });
    if (this.waiting?.isForTime === (reply.kind === 'time')) this.waiting.resolve(reply);
    else this.onReply(reply);
  }
}

function unreachable(url: string, cause: Error): RecorderError {
  return new RecorderError('recorder-unreachable', `${url}: ${cause.message}`, true, { cause });
}

/** What the recorder answered instead of a WebSocket. */
async function explain(request: ClientRequest, response: IncomingMessage, url: string): Promise<RecorderError> {
  const status = response.statusCode ?? 0;
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    sizeBytes += part.length;
    if (sizeBytes > mostProblemBytes) break;
  }
  request.destroy();
  const problem = parseJson(Buffer.concat(parts).toString('utf8')) as { code?: unknown; detail?: unknown } | undefined;
  const code = typeof problem?.code === 'string' ? problem.code : 'recorder-unreachable';
  const detail = typeof problem?.detail === 'string' ? problem.detail : `expected a Rushes recorder there`;
  return new RecorderError(code, `${url} answered ${status}: ${detail}`, status >= 500 || status === 429);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
