import { setTimeout as pause } from 'node:timers/promises';
import type { DumpPacket, TrackHeader, TrackNote } from '@rushes/media';
import { newId } from '@rushes/platform/ids';
import type { RecordingId, TrackId } from '@rushes/timeline';
import { feedProtocol } from '../feed/feed-protocol.ts';
import type { FeedPresence, FeedRefusal, FeedReply } from '../feed/feed-protocol.ts';
import type { RecordedTrack } from '../track/recorded-track.ts';
import type { TrackSink } from '../track/track-sink.ts';
import { FeedBuffer } from './feed-buffer.ts';
import { FeedConnection } from './feed-connection.ts';
import type { FeedAddress } from './feed-connection.ts';
import { RecorderError } from './recorder-error.ts';

export type TrackFeedParts = FeedAddress & {
  recordingId: RecordingId;
  trackId: TrackId;
  /** Most that waits in memory while no recorder takes it. */
  limitBytes: number;
  presence: FeedPresence | null;
  /** The recorder that had the track is gone: `presence` is over, and this is the next. */
  renewPresence: (lost: FeedPresence) => FeedPresence;
  /** Called once, when the track ends. @returns the presence that ends with it, if it was the last: a later one than `presence`, maybe */
  leavePresence: () => FeedPresence | undefined;
  /** It goes on under another id, and needs a key frame. */
  onRenewed: (trackId: TrackId) => void;
  /** Nobody takes it any more: the recording is over, or the recorder wants none of it. */
  onOver: (error: RecorderError | undefined) => void;
  onProblem: (error: Error) => void;
};

/** Packets wait this long, so that one message takes many. Milliseconds. */
const flushMs = 20;
const firstRetryMs = 250;
const longestRetryMs = 5_000;

/**
 * One track on its way to a recorder in another process. What the recorder has not acknowledged is kept, and sent again after a
 * lost connection; to another recorder, as the beginning of another track, when the first one is gone.
 */
export class TrackFeed implements TrackSink {
  /** Epoch milliseconds, by the recorder's clock, of the recording clock's zero. */
  recordedAt = 0;
  packetCount = 0;
  private begun: TrackHeader | undefined;
  /** Whether a recorder was told that the track, by the id it has now, begins. */
  private isAnnounced = false;
  private trackId: TrackId;
  private presence: FeedPresence | null;
  private connection: FeedConnection | undefined;
  private readonly buffer: FeedBuffer;
  private flushTimer: NodeJS.Timeout | undefined;
  private readonly done = Promise.withResolvers<boolean>();
  private readonly over = new AbortController();
  private isFull = false;
  private hasEnded = false;

  private constructor(private readonly parts: TrackFeedParts) {
    this.trackId = parts.trackId;
    this.presence = parts.presence;
    this.buffer = new FeedBuffer(parts.limitBytes);
  }

  /** @throws RecorderError when there is no such recording, it is over, or no recorder to be reached */
  static async open(parts: TrackFeedParts): Promise<TrackFeed> {
    const feed = new TrackFeed(parts);
    await feed.connect();
    return feed;
  }

  /** Nothing is taken any more: it was delivered, or given up. */
  get isOver(): boolean {
    return this.over.signal.aborted;
  }

  get header(): TrackHeader {
    return this.begun!;
  }

  get recordedTrack(): RecordedTrack {
    return { recordingId: this.parts.recordingId, trackId: this.trackId };
  }

  /** The track begins; once. */
  openTrack({ header }: { header: TrackHeader }): TrackSink {
    this.begun = header;
    this.announce();
    return this;
  }

  append(packet: DumpPacket): void {
    if (this.over.signal.aborted) return;
    this.packetCount++;
    const dropped = this.buffer.add(packet);
    if (dropped > 0 && !this.isFull) {
      this.parts.onProblem(new RecorderError('buffer-full', 'packets are dropped until a recorder takes some', true));
    }
    this.isFull ||= dropped > 0;
    this.flushSoon();
  }

  note(note: TrackNote): void {
    this.buffer.note(note);
    this.flushSoon();
  }

  /** `stored`: whether a recorder has all of it on disk. */
  close(atMs: number): Promise<{ stored: Promise<boolean> }> {
    const gone = this.parts.leavePresence();
    if (!this.over.signal.aborted) {
      this.hasEnded = true;
      this.buffer.end(atMs, gone?.presenceId);
      this.flushSoon();
    }
    return Promise.resolve({ stored: this.done.promise });
  }

  /** Gives up what no recorder has taken; `loss` says so to whoever is told of problems. */
  abandon(loss?: RecorderError): void {
    if (loss && !this.isOver) this.parts.onProblem(loss);
    this.finish(false);
  }

  private announce(): void {
    if (!this.begun || !this.connection || this.isAnnounced) return;
    this.connection.send({ kind: 'begin', header: this.begun, presence: this.presence });
    this.isAnnounced = true;
  }

  /** @throws RecorderError */
  private async connect(): Promise<void> {
    const { recordingId } = this.parts;
    const connection = await FeedConnection.open(this.parts);
    try {
      const { trackId, isAnnounced: isResumed } = this;
      const answer = await connection.ask({ kind: 'hello', protocol: feedProtocol, recordingId, trackId, isResumed });
      if (answer.kind === 'ended') {
        this.take(answer);
        return connection.close();
      }
      if (answer.kind !== 'welcome') throw refused(answer);
      this.recordedAt = answer.recordedAt;
      this.buffer.resumeAt(answer.nextSeq);
    } catch (error) {
      connection.close();
      throw error;
    }
    if (this.over.signal.aborted) return connection.close();
    connection.onReply = (reply) => this.take(reply);
    connection.onClose = () => this.lose();
    this.connection = connection;
    this.announce();
  }

  private take(reply: FeedReply): void {
    if (reply.kind === 'ack') {
      this.buffer.settle(reply.seq + 1);
      this.isFull = false;
      // More may wait than the connection took.
      this.flushSoon();
    } else if (reply.kind === 'ended') {
      this.finish(reply.reason === 'ended');
      if (reply.reason !== 'ended') this.parts.onOver(undefined);
    } else if (reply.kind === 'refused') {
      this.giveUp(refused(reply));
    }
  }

  private lose(): void {
    this.connection = undefined;
    if (!this.over.signal.aborted) void this.reconnect();
  }

  private async reconnect(): Promise<void> {
    let isRenewed = false;
    for (let waitMs = firstRetryMs; !this.over.signal.aborted; waitMs = Math.min(longestRetryMs, waitMs * 2)) {
      try {
        await this.connect();
        this.flush();
        if (isRenewed) this.parts.onRenewed(this.trackId);
        return;
      } catch (error) {
        const refusal = error instanceof RecorderError ? error : new RecorderError('unexpected', String(error), true);
        if (refusal.code === 'track-lost') {
          this.renew();
          isRenewed = true;
          continue;
        }
        if (!refusal.retriable) this.giveUp(refusal);
        else this.parts.onProblem(refusal);
      }
      await pause(waitMs, undefined, { signal: this.over.signal, ref: false }).catch(() => undefined);
    }
  }

  /** The recorder that had the track is gone, and closes it when it comes back: the rest is a track of its own. */
  private renew(): void {
    if (this.hasEnded && !this.buffer.hasPackets) return this.finish(true);
    const startMs = this.buffer.beginAnew(Math.max(0, this.parts.clock.nowMs() - this.recordedAt));
    this.trackId = newId();
    this.begun = { ...this.header, trackId: this.trackId, startMs };
    this.presence &&= this.parts.renewPresence(this.presence);
    this.isAnnounced = false;
  }

  private flushSoon(): void {
    this.flushTimer ??= setTimeout(() => this.flush(), flushMs);
  }

  private flush(): void {
    clearTimeout(this.flushTimer);
    this.flushTimer = undefined;
    const { connection } = this;
    if (!connection || !this.begun) return;
    this.buffer.sendTo(connection);
  }

  private giveUp(error: RecorderError): void {
    this.finish(false);
    this.parts.onOver(error);
  }

  private finish(isStored: boolean): void {
    this.over.abort();
    clearTimeout(this.flushTimer);
    this.done.resolve(isStored);
    this.connection?.close();
  }
}

function refused(answer: FeedReply): RecorderError {
  if (answer.kind !== 'refused') return new RecorderError('unexpected', `expected welcome, got ${answer.kind}`, true);
  const { code, message }: FeedRefusal = answer;
  return new RecorderError(code, message, code === 'unavailable' || code === 'track-elsewhere');
}
