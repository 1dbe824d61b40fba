import { monotonicEpochMs } from '@rushes/platform';
import type { Logger } from '@rushes/platform';
import { describeIssues } from '@rushes/timeline';
import type { RecordingId, TrackId } from '@rushes/timeline';
import type { WebSocket } from 'ws';
import type { Feed, FeedIntake } from './feed-intake.ts';
import { feedProtocol, feedRequestSchema } from './feed-protocol.ts';
import type { FeedReply, FeedRequest } from './feed-protocol.ts';
import { TrackRefused } from '../external/track-refused.ts';
import { PacketFrames } from './packet-frame.ts';

/** How long what has come may wait for its acknowledgement. Milliseconds. */
const ackMs = 100;
const refusedCode = 4400;

type Admitted = { recordingId: RecordingId; trackId: TrackId; recordedAt: number };

/** One deliverer's connection, which brings one track: takes its messages one after another. */
export class FeedConnection {
  private readonly frames = new PacketFrames();
  private admitted: Admitted | undefined;
  private feed: Feed | undefined;
  private ackTimer: NodeJS.Timeout | undefined;
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly socket: WebSocket,
    private readonly intake: FeedIntake,
    private readonly logger: Logger,
  ) {
    socket.on('message', (message: Buffer, isBinary) => {
      this.work = this.work.then(() => (isBinary ? this.takeFrame(message) : this.takeText(message)));
      this.work = this.work.catch((error: unknown) => this.refuse(error));
    });
    socket.on('close', () => {
      clearTimeout(this.ackTimer);
      // What had come before is taken first.
      void this.work.then(() => this.feed && this.intake.lost(this.feed, this));
    });
  }

  /** The deliverer has another connection. */
  replaced(): void {
    this.feed = undefined;
    this.socket.close(1000, 'replaced');
  }

  ended(reason: 'ended' | 'recording-over'): void {
    this.feed = undefined;
    clearTimeout(this.ackTimer);
    this.send({ kind: 'ended', reason });
  }

  private async takeText(message: Buffer): Promise<void> {
    const request = parseRequest(message);
    if (request.kind === 'time') this.send({ kind: 'time', t0: request.t0, epochMs: monotonicEpochMs() });
    else if (request.kind === 'hello') await this.welcome(request);
    else if (request.kind === 'begin') this.begin(request);
    else if (this.feed) await this.takeItem(this.feed, request);
  }

  private async welcome(hello: Extract<FeedRequest, { kind: 'hello' }>): Promise<void> {
    const { protocol, recordingId, trackId, isResumed } = hello;
    if (protocol !== feedProtocol) {
      throw new TrackRefused('malformed', `protocol: expected ${feedProtocol}, got ${protocol}`);
    }
    if (isResumed) {
      this.feed = await this.intake.resume({ recordingId, trackId }, this);
      if (!this.feed) return this.ended('ended');
      const { recordedAt, track } = this.feed;
      return this.send({ kind: 'welcome', recordedAt, nextSeq: track.nextSeq });
    }
    const recordedAt = await this.intake.admit({ recordingId, trackId });
    this.admitted = { recordingId, trackId, recordedAt };
    this.send({ kind: 'welcome', recordedAt, nextSeq: 0 });
  }

  private begin({ header, presence }: Extract<FeedRequest, { kind: 'begin' }>): void {
    if (!this.admitted || this.feed) throw new TrackRefused('malformed', 'kind: expected begin once, after hello');
    const { recordingId, trackId, recordedAt } = this.admitted;
    if (header.trackId !== trackId) {
      throw new TrackRefused('malformed', `header.trackId: expected ${trackId}, as in hello`);
    }
    const isAudio = header.source === 'microphone' || header.source === 'screenAudio';
    if (isAudio !== (header.media === 'audio')) {
      throw new TrackRefused('malformed', `header.source: expected one of ${header.media}, got ${header.source}`);
    }
    this.feed = this.intake.begin({ recordingId, recordedAt }, header, presence, this);
  }

  private async takeItem(feed: Feed, item: Extract<FeedRequest, { kind: 'note' | 'end' }>): Promise<void> {
    // What is closed meanwhile is not acknowledged: the deliverer brings it as another track.
    if (feed.track.isClosing) return;
    this.intake.heard(feed);
    if (item.kind === 'note') {
      if (feed.track.takeNote(item.seq, item.note)) this.intake.noted(feed, item.note);
      return this.acknowledgeSoon();
    }
    const presenceIds = [feed.presence?.presenceId, item.presenceId].filter((id) => id !== undefined);
    await this.intake.end(feed, item.atMs, item.isGone ? presenceIds : []);
    this.ended('ended');
  }

  private takeFrame(message: Buffer): void {
    const frame = this.frames.decode(message);
    if (!frame) throw new TrackRefused('malformed', 'expected a number and whole packets');
    // The recording has ended, and its deliverer not heard of it.
    if (!this.feed) return;
    this.intake.heard(this.feed);
    this.feed.track.takePackets(frame.firstSeq, frame.packets);
    this.acknowledgeSoon();
  }

  private acknowledgeSoon(): void {
    this.ackTimer ??= setTimeout(() => void this.acknowledge(), ackMs);
  }

  private async acknowledge(): Promise<void> {
    this.ackTimer = undefined;
    if (!this.feed) return;
    const { track } = this.feed;
    const { nextSeq } = track;
    await track.whenWritten();
    this.send({ kind: 'ack', seq: nextSeq - 1 });
  }

  private refuse(error: unknown): void {
    const refused = error instanceof TrackRefused;
    if (!refused) this.logger.error({ err: error }, 'a delivered track could not be taken');
    const code = refused ? error.code : 'unavailable';
    const message = refused ? error.message : 'Something went wrong here.';
    if (refused) this.logger.info({ code, reason: message }, 'delivered track refused');
    this.send({ kind: 'refused', code, message });
    this.socket.close(refusedCode, code);
  }

  private send(reply: FeedReply): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(reply));
  }
}

function parseRequest(message: Buffer): FeedRequest {
  let value: unknown;
  try {
    value = JSON.parse(message.toString('utf8'));
  } catch {
    throw new TrackRefused('malformed', 'expected JSON text');
  }
  const result = feedRequestSchema.safeParse(value);
  if (!result.success) throw new TrackRefused('malformed', describeIssues('message', result.error).slice(0, 500));
  return result.data;
}
