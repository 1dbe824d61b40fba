import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { Database } from '@rushes/database';
import { ApiKeyService, EventPublishers, LOGGER, monotonicEpochMs, RecordingLifecycle } from '@rushes/platform';
import { upgradeApiKey, WebSocketRoutes } from '@rushes/platform';
import type { Logger } from '@rushes/platform';
import type { TrackHeader } from '@rushes/media';
import type { RecordingId } from '@rushes/timeline';
import type { WebSocket } from 'ws';
import { RecorderService } from '../recorder.service.ts';
import { recordedTrackName } from '../track/recorded-track.ts';
import type { RecordedTrack } from '../track/recorded-track.ts';
import { TrackRows } from '../track/track-rows.ts';
import { FedTrack } from './fed-track.ts';
import { FeedAnnouncer } from './feed-announcer.ts';
import { FeedConnection } from './feed-connection.ts';
import { feedPath, maxFeedBytes } from './feed-protocol.ts';
import type { FeedPresence } from './feed-protocol.ts';
import { FeedRefused } from './feed-refused.ts';

/** A track that comes from another process. */
export type Feed = {
  recordingId: RecordingId;
  recordedAt: number;
  header: TrackHeader;
  presence: FeedPresence;
  track: FedTrack;
  /** Undefined while the connection is lost. */
  connection: FeedConnection | undefined;
  lostTimer: NodeJS.Timeout | undefined;
};

/** How often it is looked whether recordings are over. Milliseconds. */
const watchMs = 2_000;

/** `/v1/tracks/feed`: takes tracks that mediasoup servers in other processes deliver. */
@Injectable()
export class FeedIntake implements OnModuleInit, BeforeApplicationShutdown {
  /** How long a deliverer may be gone before its track is closed. Milliseconds. */
  lostAfterMs = 30_000;
  private readonly rows: TrackRows;
  private readonly announcer: FeedAnnouncer;
  private readonly feeds = new Map<string, Feed>();
  private watch: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Database) database: Database,
    @Inject(RecorderService) private readonly recorder: RecorderService,
    @Inject(RecordingLifecycle) private readonly lifecycle: RecordingLifecycle,
    @Inject(ApiKeyService) private readonly apiKeys: ApiKeyService,
    @Inject(WebSocketRoutes) private readonly routes: WebSocketRoutes,
    @Inject(EventPublishers) publishers: EventPublishers,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.rows = new TrackRows(database);
    this.announcer = new FeedAnnouncer({ publisher: publishers.create('tracks'), logger });
  }

  onModuleInit(): void {
    this.routes.register(feedPath, {
      maxPayloadBytes: maxFeedBytes,
      authorise: (request) => upgradeApiKey(request, this.apiKeys),
      onConnection: (socket: WebSocket) => void new FeedConnection(socket, this, this.logger),
    });
    this.watch = setInterval(() => {
      this.closeOver().catch((err: unknown) => this.logger.error({ err }, 'recordings could not be looked at'));
    }, watchMs).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.watch);
    for (const { lostTimer } of this.feeds.values()) clearTimeout(lostTimer);
  }

  /** @throws FeedRefused when the track cannot be begun */
  async admit({ recordingId, trackId }: RecordedTrack): Promise<{ recordedAt: number }> {
    const { isRunning, recordedAt } = await this.rows.findRecording(recordingId);
    if (recordedAt === 0)
      throw new FeedRefused('recording-not-found', `recordingId: there is no recording ${recordingId}`);
    if (!isRunning) throw new FeedRefused('recording-over', `recordingId: the recording ${recordingId} has ended`);
    if (await this.rows.find({ recordingId, trackId })) {
      throw new FeedRefused('track-exists', `trackId: the recording has a track ${trackId} already`);
    }
    return { recordedAt };
  }

  begin(
    recording: { recordingId: RecordingId; recordedAt: number },
    header: TrackHeader,
    presence: FeedPresence,
    connection: FeedConnection,
  ): Feed {
    const { recordingId, recordedAt } = recording;
    const name = recordedTrackName({ recordingId, trackId: header.trackId });
    if (this.recorder.isRunning({ recordingId, trackId: header.trackId })) {
      throw new FeedRefused('track-exists', `trackId: the recording has a track ${header.trackId} already`);
    }
    const spool = this.recorder.spool.openTrack({ ...recording, header });
    const track = new FedTrack(spool, () => Math.max(0, monotonicEpochMs() - recordedAt));
    const feed: Feed = { recordingId, recordedAt, header, presence, track, connection, lostTimer: undefined };
    this.feeds.set(name, feed);
    this.recorder.take(track);
    this.announcer.began(feed);
    // However it ends: by its deliverer, with the recording, with this process.
    void track.whenClosed().then(() => this.forget(feed));
    return feed;
  }

  /** The track goes on after a lost connection. @throws FeedRefused when this process does not have it */
  resume(track: RecordedTrack, connection: FeedConnection): Feed {
    const feed = this.feeds.get(recordedTrackName(track));
    if (!feed) throw new FeedRefused('track-lost', `trackId: this recorder does not have the track ${track.trackId}`);
    feed.connection?.replaced();
    clearTimeout(feed.lostTimer);
    feed.connection = connection;
    return feed;
  }

  heard({ recordingId }: Feed): void {
    this.lifecycle.heard(recordingId);
  }

  noted(feed: Feed, ...[note]: Parameters<FedTrack['note']>): void {
    this.announcer.noted(feed, note);
  }

  /** Resolves when the track is on local disk. */
  async end(feed: Feed, atMs: number, isGone: boolean): Promise<void> {
    if (!this.feeds.delete(nameOf(feed))) return;
    clearTimeout(feed.lostTimer);
    this.announcer.ended(feed, atMs, isGone);
    await feed.track.close(atMs);
  }

  /** The connection is gone; the deliverer may come back with another. */
  lost(feed: Feed, connection: FeedConnection): void {
    if (feed.connection !== connection || !this.feeds.has(nameOf(feed))) return;
    feed.connection = undefined;
    const { recordingId, header } = feed;
    this.logger.warn({ recordingId, trackId: header.trackId }, 'whoever delivers the track is gone');
    feed.lostTimer = setTimeout(() => void this.end(feed, feed.track.lastMs, this.isAlone(feed)), this.lostAfterMs);
    feed.lostTimer.unref();
  }

  private forget(feed: Feed): void {
    if (!this.feeds.delete(nameOf(feed))) return;
    this.announcer.ended(feed, feed.track.lastMs, this.isAlone(feed));
  }

  /** Ends the tracks of recordings that are over, as every part that ends one only says so in the database. */
  private async closeOver(): Promise<void> {
    for (const recordingId of new Set([...this.feeds.values()].map((feed) => feed.recordingId))) {
      const { isRunning, endedAtMs } = await this.rows.findRecording(recordingId);
      if (isRunning) continue;
      for (const feed of this.feeds.values()) {
        if (feed.recordingId !== recordingId) continue;
        await this.end(feed, endedAtMs ?? feed.track.lastMs, this.isAlone(feed));
        feed.connection?.ended('recording-over');
      }
    }
  }

  /** Whether no other track of the presence is here. */
  private isAlone({ presence, track }: Feed): boolean {
    return ![...this.feeds.values()].some(
      (other) => other.track !== track && other.presence.presenceId === presence.presenceId,
    );
  }
}

function nameOf({ recordingId, header: { trackId } }: Feed): string {
  return recordedTrackName({ recordingId, trackId });
}
