import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { Database } from '@rushes/database';
import type { TrackNote } from '@rushes/media';
import { EventPublishers, LOGGER, RecordingLifecycle } from '@rushes/platform';
import type { Logger } from '@rushes/platform';
import type { RecordingId } from '@rushes/timeline';
import { RecorderService } from '../recorder.service.ts';
import type { OpenTrack } from '../track/open-track.ts';
import type { RecordedTrack } from '../track/recorded-track.ts';
import { TrackRows } from '../track/track-rows.ts';
import { TrackAnnouncements } from './track-announcements.ts';
import type { AnnouncedTrack } from './track-announcements.ts';
import { TrackRefused } from './track-refused.ts';

/** A track of a meeting that is held elsewhere, while it is recorded here. */
export type ExternalTrack = AnnouncedTrack & {
  track: OpenTrack;
  /** Arrival of the last packet, on the recording clock. */
  lastMs: () => number;
  /** The recording has ended, and the track with it. */
  onOver: () => void;
};

/** How often it is looked whether recordings are over. Milliseconds. */
const watchMs = 2_000;

/** A recorder that has not said for so long that it lives, which it does every ten seconds, is gone. Milliseconds. */
const silentMs = 25_000;

/** The tracks of meetings that are held elsewhere: begins and ends them, and says so in the event log. */
@Injectable()
export class ExternalTracks implements OnModuleInit, BeforeApplicationShutdown {
  private readonly rows: TrackRows;
  private readonly announcements: TrackAnnouncements;
  private readonly running = new Set<ExternalTrack>();
  private watch: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Database) database: Database,
    @Inject(RecorderService) private readonly recorder: RecorderService,
    @Inject(RecordingLifecycle) private readonly lifecycle: RecordingLifecycle,
    @Inject(EventPublishers) publishers: EventPublishers,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.rows = new TrackRows(database);
    this.announcements = new TrackAnnouncements({ publisher: publishers.create('tracks'), logger });
  }

  onModuleInit(): void {
    this.watch = setInterval(() => {
      this.closeOver().catch((err: unknown) => this.logger.error({ err }, 'recordings could not be looked at'));
    }, watchMs).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.watch);
  }

  /**
   * @returns epoch milliseconds of the recording clock's zero
   * @throws TrackRefused when the track cannot be begun
   */
  async admit(track: RecordedTrack): Promise<number> {
    const { recordingId, trackId } = track;
    const { isRunning, recordedAt } = await this.rows.findRecording(recordingId);
    if (recordedAt === 0) {
      throw new TrackRefused('recording-not-found', `recordingId: there is no recording ${recordingId}`);
    }
    if (!isRunning) throw new TrackRefused('recording-over', `recordingId: the recording ${recordingId} has ended`);
    if (this.recorder.isRunning(track) || (await this.rows.find(track))) {
      throw new TrackRefused('track-exists', `trackId: the recording has a track ${trackId} already`);
    }
    return recordedAt;
  }

  /** Whether another recorder, which was heard of lately, has the track. */
  async isElsewhere(track: RecordedTrack): Promise<boolean> {
    return !this.recorder.holds(track) && this.rows.isHeld(track, silentMs);
  }

  /** The track has begun. However it ends, by its sender, with the recording or with this process, that is said. */
  add(external: ExternalTrack): void {
    this.recorder.take(external.track);
    this.running.add(external);
    this.announcements.began(external);
    void external.track.whenClosed().then(() => this.end(external, external.lastMs()));
  }

  noted(external: ExternalTrack, note: TrackNote): void {
    this.announcements.noted(external, note);
  }

  /** Something came: keeps the recording alive. */
  heard({ recordingId }: Pick<ExternalTrack, 'recordingId'>): void {
    this.lifecycle.heard(recordingId);
  }

  /**
   * Resolves when the track is on local disk. Idempotent.
   * @param gone ids of presences that end with it; default: its own when no other track of it is here, whatever other recorders have
   */
  async end(external: ExternalTrack, atMs: number, gone = this.presencesOnlyOf(external)): Promise<void> {
    if (this.running.delete(external)) this.announcements.ended(external, atMs, gone);
    await external.track.close(atMs);
  }

  /** Ends the tracks of recordings that are over: whoever ends one only says so in the database. */
  private async closeOver(): Promise<void> {
    for (const recordingId of new Set<RecordingId>(Array.from(this.running, (external) => external.recordingId))) {
      const { isRunning, endedAtMs } = await this.rows.findRecording(recordingId);
      if (isRunning) continue;
      for (const external of [...this.running].filter((each) => each.recordingId === recordingId)) {
        // First, so that whoever sends on is not listened to while it is closed.
        external.onOver();
        await this.end(external, endedAtMs ?? external.lastMs());
      }
    }
  }

  private presencesOnlyOf(external: ExternalTrack): readonly string[] {
    const isShared = [...this.running].some(
      (other) => other.track !== external.track && isSamePresence(other, external),
    );
    return isShared || !external.presence ? [] : [external.presence.presenceId];
  }
}

/** Senders name presences as they like: two participants may have the same `tab-1`. */
function isSamePresence(a: ExternalTrack, b: ExternalTrack): boolean {
  return (
    a.recordingId === b.recordingId &&
    a.header.participantId === b.header.participantId &&
    a.presence?.presenceId === b.presence?.presenceId
  );
}
