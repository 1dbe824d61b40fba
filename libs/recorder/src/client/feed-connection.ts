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
};

/** Round trips before anything is stamped. */
const firstProbes = 5;
const probeMs = 10_000;
/** How long the recorder may take for an answer that is waited for. Milliseconds. */
const answerMs = 10_000;

/** One WebSocket to a recorder. It keeps {@link RemoteClock} right for as long as it is open. */
export class FeedConnection {
  /** Told of what is not waited for: `ack`, `ended`, `refused`. */
  onReply: (reply: FeedReply) => void = () => undefined;
  /** Called once. */
  onClose: () => void = () => undefined;
  private waiting:
    { isForTime: boolean; resolve: (reply: FeedReply) => void; reject: (error: Error) => void } | undefined;
  private probing: NodeJS.Timeout | undefined;

  private constructor(
    private readonly socket: WebSocket,
    private readonly clock: RemoteClock,
  ) {
    socket.on('message', (message: Buffer) => this.take(message));
    socket.on('close', (code: number) => {
      clearInterval(this.probing);
      this.waiting?.reject(new RecorderError('recorder-unreachable', `the recorder closed (${code})`, true));
      this.onClose();
    });
  }

  /** @throws RecorderError when the recorder is not to be reached or does not want the key */
  static async open({ apiUrl, apiKey, clock }: FeedAddress): Promise<FeedConnection> {
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
        reject(new RecorderError('recorder-unreachable', `${url}: ${cause.message}`, true, { cause }));
      });
      socket.once('unexpected-response', (request, response) => {
        void explain(request, response, url).then(reject);
      });
    });
    const connection = new FeedConnection(socket, clock);
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
    const timeout = setTimeout(() => this.socket.terminate(), answerMs);
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

  close(): void {
    this.socket.close(1000);
  }

  private get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  private probe(): void {
    this.send({ kind: 'time', t0: monotonicEpochMs() });
  }

  private take(message: Buffer): void {
    const receivedAt = monotonicEpochMs();
    const reply = feedReplySchema.safeParse(parseJson(message.toString('utf8'))).data;
    // A later version may say more than is understood here.
    if (!reply) return;
    if (reply.kind === 'time') this.clock.take({ sentAt: reply.t0, receivedAt, epochMs: reply.epochMs });
    if (this.waiting?.isForTime === (reply.kind === 'time')) this.waiting.resolve(reply);
    else this.onReply(reply);
  }
}

/** What the recorder answered instead of a WebSocket. */
async function explain(request: ClientRequest, response: IncomingMessage, url: string): Promise<RecorderError> {
  const status = response.statusCode ?? 0;
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
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
