import { performance } from 'node:perf_hooks';
import type { RawData, WebSocket } from 'ws';
import { describeIssues, TimelineError, type ParticipantRole } from '@rushes/timeline';
import { ProblemError, type Logger } from '@rushes/platform';
import type {
  AnswerFrame,
  Answers,
  ClosingReason,
  NotificationFrame,
  SignallingErrorCode,
} from '../protocol/answers.ts';
import { requestFrameSchema, requestSchemas, type Method, type RequestData } from '../protocol/requests.ts';
import type { Member } from '../room/member.ts';
import { handlers, type Call, type MemberMethod } from './methods.ts';
import { SignallingError } from './signalling-error.ts';
import { TokenBucket } from './token-bucket.ts';

/** Requests of one page: joining and consuming a full room is a burst of some hundred. */
const requestRate = { perSecond: 50, burst: 300 };
/** A page that goes on regardless is put out after this many refusals. */
const maxRefusals = 500;
/** A page that does not read what it is sent is put out. */
const maxUnsentBytes = 8 * 1024 * 1024;
/** Closed by us with a reason that was told in `closing`. */
const closedByServer = 4000;
const tryAgainLater = 1013;

/** What the connection needs of the rooms; `enter` makes the member. */
export type SignallingHost = {
  enter(
    connection: SignallingConnection,
    data: RequestData['join'],
  ): Promise<{ member: Member; call: Call; answer: () => Promise<Answers['join']> }>;
  logger: Logger;
};

/** Who the token says connects. */
export type SignallingContext = {
  roomId: string;
  participantId: string;
  name?: string | undefined;
  role: Exclude<ParticipantRole, 'bot'>;
  /** Came with an invitation for many, and has been made a participant just now. */
  isInvited: boolean;
};

/**
 * One page's socket: reads requests, answers each in its turn, passes on notifications. Whatever a page sends, it is
 * answered or the socket is closed; nothing here throws.
 */
export class SignallingConnection {
  readonly #bucket = new TokenBucket(requestRate, performance.now());
  #refusals = 0;
  #queue: Promise<void> = Promise.resolve();
  #call: Call | undefined;

  constructor(
    private readonly socket: WebSocket,
    readonly context: SignallingContext,
    private readonly host: SignallingHost,
  ) {
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('close', () => this.#lose());
  }

  notify(notification: NotificationFrame): void {
    this.#send(notification);
  }

  /** Says where the room is, then closes. */
  move(url: string): void {
    this.#send({ event: 'moved', data: { url } });
    this.socket.close(closedByServer, 'moved');
  }

  /** Closes without a reason: the page may try again at once. */
  giveUp(): void {
    this.socket.close(tryAgainLater);
  }

  /** Says why, then closes. */
  close(reason: ClosingReason): void {
    this.#call = undefined;
    this.#send({ event: 'closing', data: { reason } });
    this.socket.close(closedByServer, reason);
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (!this.#bucket.take(performance.now())) {
      this.#refusals++;
      if (this.#refusals > maxRefusals) return this.close('too-many-requests');
      return this.#refuse('too-many-requests', 'Too many requests: slow down', idOf(data));
    }
    if (isBinary) return this.#refuse('input-invalid', 'expected a text frame with JSON');
    const frame = readFrame(data);
    if (frame instanceof SignallingError) return this.#refuse(frame.code, frame.message, idOf(data));
    this.#queue = this.#queue.then(() => this.#answer(frame));
  }

  async #answer(frame: { id: number; method: Method; data?: unknown }): Promise<void> {
    try {
      this.#send({ id: frame.id, ok: true, data: await this.#handle(frame.method, frame.data ?? {}) });
    } catch (error) {
      const refusal = this.#refusalOf(error, frame.method);
      this.#refuse(refusal.code, refusal.message, frame.id);
    }
  }

  async #handle(method: Method, input: unknown): Promise<unknown> {
    const parsed = requestSchemas[method].safeParse(input);
    if (!parsed.success) throw new SignallingError('input-invalid', describeIssues('data', parsed.error));
    if (method === 'join') return this.#join(parsed.data as RequestData['join']);
    const call = this.#call;
    if (!call) throw new SignallingError('not-joined', 'Join the meeting first');
    const handle = handlers[method] as (call: Call, data: RequestData[MemberMethod]) => unknown;
    return handle(call, parsed.data as RequestData[MemberMethod]);
  }

  async #join(data: RequestData['join']): Promise<Answers['join']> {
    if (this.#call) throw new SignallingError('already-joined', 'This page is in the meeting already');
    const { call, answer } = await this.host.enter(this, data);
    this.#call = call;
    // The socket may have closed while the room was opened.
    if (this.socket.readyState !== this.socket.OPEN) this.#lose();
    return answer();
  }

  #lose(): void {
    const call = this.#call;
    this.#call = undefined;
    call?.room.remove(call.member, 'connection-lost');
  }

  /** Errors of ours say what is wrong; mediasoup's say what it did not like; of others the page learns nothing. */
  #refusalOf(error: unknown, method: Method): { code: SignallingErrorCode; message: string } {
    if (error instanceof SignallingError) return error;
    if (error instanceof TimelineError) return { code: 'input-invalid', message: error.message };
    if (error instanceof ProblemError && error.status < 500) return { code: codeOf(error), message: error.detail };
    const name = error instanceof Error ? error.name : '';
    if (name === 'TypeError' || name === 'UnsupportedError' || name === 'InvalidStateError') {
      this.host.logger.info({ err: error, method }, 'media request refused');
      return { code: 'media-invalid', message: `The media server refused this: ${(error as Error).message}` };
    }
    this.host.logger.error({ err: error, method, roomId: this.context.roomId }, 'request failed');
    return { code: 'internal', message: 'Something went wrong on the server' };
  }

  #refuse(code: SignallingErrorCode, message: string, id?: number): void {
    if (id === undefined) return this.#send({ event: 'error', data: { code, message } });
    const { retriable } = new SignallingError(code, message);
    this.#send({ id, error: { code, message, retriable } });
  }

  #send(frame: AnswerFrame | NotificationFrame): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > maxUnsentBytes) return this.socket.terminate();
    this.socket.send(JSON.stringify(frame));
  }
}

function codeOf(problem: ProblemError): SignallingErrorCode {
  return problem.code === 'already-recording' ? 'recording-running' : 'not-allowed';
}

function readFrame(data: RawData): { id: number; method: Method; data?: unknown } | SignallingError {
  const json = readJson(data);
  if (json === undefined) return new SignallingError('input-invalid', 'expected JSON');
  const parsed = requestFrameSchema.safeParse(json);
  return parsed.success ? parsed.data : new SignallingError('input-invalid', describeIssues('request', parsed.error));
}

/** The id of a frame that cannot be read otherwise, so that the page learns which request failed. */
function idOf(data: RawData): number | undefined {
  const id = (readJson(data) as { id?: unknown } | null | undefined)?.id;
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : undefined;
}

function readJson(data: RawData): unknown {
  try {
    return JSON.parse((data as Buffer).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
