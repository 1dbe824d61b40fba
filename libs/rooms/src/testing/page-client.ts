import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { TimelineEvent } from '@rushes/timeline';
import type { AnswerFrame, Answers, Method, NotificationName, Notifications, RequestInput } from '../protocol/index.ts';

type Notification = { event: NotificationName; data: unknown };
type Refusal = { code: string; message: string };

/** A page's side of the signalling, without media: requests, and notifications that can be waited for. */
export class PageClient {
  readonly notifications: Notification[] = [];
  readonly #waiting = new Map<number, PromiseWithResolvers<AnswerFrame>>();
  readonly #watchers = new Set<() => void>();
  #nextId = 1;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => this.#receive(JSON.parse(data.toString()) as AnswerFrame | Notification));
    socket.once('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('closed before the answer'));
    });
  }

  /** Where the room is, as the recorder at `url` says. */
  static async findMoved(url: string, token: string): Promise<string> {
    const client = PageClient.open(url, token);
    const moved = await client.when('moved');
    await client.whenClosed();
    return moved.url;
  }

  private static open(url: string, token: string): PageClient {
    return new PageClient(new WebSocket(`${url.replace('http', 'ws')}/v1/rooms?token=${encodeURIComponent(token)}`));
  }

  /** Resolves when the server has said welcome. */
  static async connect(url: string, token: string): Promise<PageClient> {
    const client = PageClient.open(url, token);
    const { socket } = client;
    await Promise.race([client.when('welcome'), once(socket, 'close').then(() => Promise.reject(new Error('closed')))]);
    return client;
  }

  /** @throws Error with the code and message of the refusal */
  async request<M extends Method>(method: M, data: RequestInput[M]): Promise<Answers[M]> {
    const frame = await this.send({ id: this.#nextId++, method, data });
    if ('error' in frame) throw new Error(`${frame.error.code}: ${frame.error.message}`);
    return frame.data as Answers[M];
  }

  /** Sends any frame that has an id, right or wrong; resolves with what is answered. */
  send(frame: { id: number; [key: string]: unknown }): Promise<AnswerFrame> {
    const answer = Promise.withResolvers<AnswerFrame>();
    this.#waiting.set(frame.id, answer);
    this.socket.send(JSON.stringify(frame));
    return answer.promise;
  }

  async refusalOf(method: string, data: unknown): Promise<Refusal> {
    const frame = await this.send({ id: this.#nextId++, method, data });
    if (!('error' in frame)) throw new Error(`${method} was not refused`);
    return frame.error;
  }

  /** The first notification of that name, past or to come, that `matches`. */
  async when<N extends NotificationName>(
    event: N,
    matches: (data: Notifications[N]) => boolean = () => true,
  ): Promise<Notifications[N]> {
    for (;;) {
      const found = this.notifications.find((one) => one.event === event && matches(one.data as Notifications[N]));
      if (found) return found.data as Notifications[N];
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  /** The first timeline event of that type, past or to come. */
  whenTimeline(
    type: TimelineEvent['type'],
    matches: (event: TimelineEvent) => boolean = () => true,
  ): Promise<TimelineEvent> {
    return this.when('timeline', (event) => event.type === type && matches(event));
  }

  timeline(): TimelineEvent[] {
    return this.notifications.filter(({ event }) => event === 'timeline').map(({ data }) => data as TimelineEvent);
  }

  /** Opens a transport and sends a track that has no packets: all that signalling needs. */
  async produce(source: 'camera' | 'microphone' | 'screen', ssrc: number): Promise<string> {
    const { transportId } = await this.request('createTransport', { direction: 'send' });
    const { kind, rtpParameters } = rtpParametersOf(source, ssrc);
    return (await this.request('produce', { transportId, kind, source, rtpParameters })).trackId;
  }

  /** As a page that is closed or whose network is gone. */
  async drop(): Promise<void> {
    this.socket.terminate();
    await this.whenClosed();
  }

  async whenClosed(): Promise<void> {
    if (this.socket.readyState !== WebSocket.CLOSED) await once(this.socket, 'close');
  }

  #receive(frame: AnswerFrame | Notification): void {
    if ('event' in frame) {
      this.notifications.push(frame);
      for (const watcher of this.#watchers) watcher();
      this.#watchers.clear();
      return;
    }
    this.#waiting.get(frame.id)?.resolve(frame);
    this.#waiting.delete(frame.id);
  }
}

/** What a browser would offer for a source. */
export function rtpParametersOf(
  source: 'camera' | 'microphone' | 'screen',
  ssrc: number,
): { kind: 'audio' | 'video'; rtpParameters: RequestInput['produce']['rtpParameters'] } {
  const rest = { headerExtensions: [], encodings: [{ ssrc }], rtcp: { cname: `cname-${ssrc}` } };
  if (source === 'microphone') {
    const codecs = [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2, parameters: {} }];
    return { kind: 'audio', rtpParameters: { codecs, ...rest } };
  }
  const codecs = [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000, parameters: {}, rtcpFeedback: [] }];
  return { kind: 'video', rtpParameters: { codecs, ...rest } };
}
