import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { ApiKeyService, LOGGER, monotonicEpochMs, upgradeApiKey, WebSocketRoutes } from '@rushes/platform';
import type { Logger } from '@rushes/platform';
import type { TrackHeader, TrackNote } from '@rushes/media';
import type { RecordingId } from '@rushes/timeline';
import type { WebSocket } from 'ws';
import { ExternalTracks } from '../external/external-tracks.ts';
import type { ExternalTrack } from '../external/external-tracks.ts';
import { TrackRefused } from '../external/track-refused.ts';
import { RecorderService } from '../recorder.service.ts';
import { recordedTrackName } from '../track/recorded-track.ts';
import type { RecordedTrack } from '../track/recorded-track.ts';
import { FedTrack } from './fed-track.ts';
import { FeedConnection } from './feed-connection.ts';
import { feedPath, maxFeedBytes } from './feed-protocol.ts';
import type { FeedPresence } from './feed-protocol.ts';

/** A track that another process delivers. */
export type Feed = ExternalTrack & {
  recordedAt: number;
  track: FedTrack;
  /** Undefined while the connection is lost. */
  connection: FeedConnection | undefined;
  lostTimer: NodeJS.Timeout | undefined;
};

/** How long it is known that all of a track has come. Milliseconds. */
const deliveredMs = 5 * 60_000;

/** `/v1/tracks/feed`: takes tracks that mediasoup servers in other processes deliver. */
@Injectable()
export class FeedIntake implements OnModuleInit, BeforeApplicationShutdown {
  /** How long a deliverer may be gone before its track is closed. Milliseconds. */
  lostAfterMs = 30_000;
  /** By {@link recordedTrackName}. */
  private readonly feeds = new Map<string, Feed>();
  /** Names of tracks whose end came lately: their deliverers may not have heard that it did. */
  private readonly delivered = new Set<string>();

  constructor(
    @Inject(RecorderService) private readonly recorder: RecorderService,
    @Inject(ExternalTracks) private readonly tracks: ExternalTracks,
    @Inject(ApiKeyService) private readonly apiKeys: ApiKeyService,
    @Inject(WebSocketRoutes) private readonly routes: WebSocketRoutes,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.routes.register(feedPath, {
      maxPayloadBytes: maxFeedBytes,
      authorise: (request) => upgradeApiKey(request, this.apiKeys),
      onConnection: (socket: WebSocket) => void new FeedConnection(socket, this, this.logger),
    });
  }

  beforeApplicationShutdown(): void {
    for (const { lostTimer } of this.feeds.values()) clearTimeout(lostTimer);
  }

  /** @throws TrackRefused when the track cannot be begun */
  admit(track: RecordedTrack): Promise<number> {
    return this.tracks.admit(track);
  }

  /** @throws TrackRefused when it has begun meanwhile */
  begin(
    recording: { recordingId: RecordingId; recordedAt: number },
    header: TrackHeader,
    presence: FeedPresence | null,
    connection: FeedConnection,
  ): Feed {
    const { recordingId, recordedAt } = recording;
    const name = recordedTrackName({ recordingId, trackId: header.trackId });
    if (this.feeds.has(name) || this.recorder.isRunning({ recordingId, trackId: header.trackId })) {
      throw new TrackRefused('track-exists', `trackId: the recording has a track ${header.trackId} already`);
    }
    const spool = this.recorder.spool.openTrack({ ...recording, header });
    const track = new FedTrack(spool, () => Math.max(0, monotonicEpochMs() - recordedAt));
    const feed: Feed = {
      ...{ recordingId, recordedAt, header, presence, track, connection },
      lostTimer: undefined,
      lastMs: () => track.lastMs,
      onOver: () => feed.connection?.ended('recording-over'),
    };
    this.feeds.set(name, feed);
    this.tracks.add(feed);
    void track.whenClosed().then(() => {
      clearTimeout(feed.lostTimer);
      this.feeds.delete(name);
    });
    return feed;
  }

  /**
   * The track goes on after a lost connection.
   * @returns undefined when all of it has come, and is on local disk
   * @throws TrackRefused when another process has it, or none
   */
  async resume(track: RecordedTrack, connection: FeedConnection): Promise<Feed | undefined> {
    const name = recordedTrackName(track);
    const feed = this.feeds.get(name);
    if (this.delivered.has(name)) {
      await feed?.track.whenClosed();
      return undefined;
    }
    if (!feed && (await this.tracks.isElsewhere(track))) {
      throw new TrackRefused('track-elsewhere', `trackId: another recorder has the track ${track.trackId}`);
    }
    if (!feed || feed.track.isClosing) {
      throw new TrackRefused('track-lost', `trackId: this recorder does not have the track ${track.trackId}`);
    }
    feed.connection?.replaced();
    clearTimeout(feed.lostTimer);
    feed.connection = connection;
    return feed;
  }

  heard(feed: Feed): void {
    this.tracks.heard(feed);
  }

  noted(feed: Feed, note: TrackNote): void {
    this.tracks.noted(feed, note);
  }

  /** All of the track has come. Resolves when it is on local disk. `gone`: ids of presences that end with it. */
  end(feed: Feed, atMs: number, gone: readonly string[]): Promise<void> {
    const name = recordedTrackName(feed.track.recordedTrack);
    this.delivered.add(name);
    setTimeout(() => this.delivered.delete(name), deliveredMs).unref();
    return this.tracks.end(feed, atMs, gone);
  }

  /** The connection is gone; the deliverer may come back with another. */
  lost(feed: Feed, connection: FeedConnection): void {
    const { recordingId, header } = feed;
    if (feed.connection !== connection || !this.feeds.has(recordedTrackName(feed.track.recordedTrack))) return;
    feed.connection = undefined;
    this.logger.warn({ recordingId, trackId: header.trackId }, 'whoever delivers the track is gone');
    feed.lostTimer = setTimeout(() => void this.tracks.end(feed, feed.track.lastMs), this.lostAfterMs).unref();
  }
}
