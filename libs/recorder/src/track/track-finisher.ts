import { rm } from 'node:fs/promises';
import type { DerivationJobs } from '../derivation/derivation-jobs.ts';
import type { RecordedTrack } from './recorded-track.ts';
import type { TrackRows } from './track-rows.ts';

/**
 * What follows a track's end: wait for the object store, note it, free the disk, ask for derivation.
 *
 * A participant's tracks share one clock, fitted through all of their reports. So a track that ends while others of its
 * participant run on is derived at once, to be there for replay, and again with the last of them.
 */
export class TrackFinisher {
  constructor(
    private readonly rows: TrackRows,
    private readonly jobs: DerivationJobs,
  ) {}

  /** Everything of the track is in the object store. May be repeated. */
  async settle(track: RecordedTrack, endMs: number, spoolPath: string): Promise<void> {
    await this.rows.finish(track, endMs);
    await rm(spoolPath, { recursive: true, force: true });
    const row = await this.rows.find(track);
    if (!row) return;
    const siblings = (await this.rows.ofParticipant(row.recordingId, row.participantId)).filter(
      (sibling) => sibling.trackId !== row.trackId,
    );
    if (siblings.some(({ status }) => status === 'recording')) {
      // At a recording's end the others follow at once, and the last one asks for all.
      const { isRunning } = await this.rows.findRecording(row.recordingId);
      if (isRunning) await this.jobs.request(row);
      return;
    }
    await this.requestAll([
      row,
      ...siblings.filter(({ endMs: siblingEndMs }) => (siblingEndMs ?? Infinity) > row.startMs),
    ]);
  }

  private async requestAll(tracks: readonly RecordedTrack[]): Promise<void> {
    for (const track of tracks) await this.rows.reopen(track);
    for (const track of tracks) await this.jobs.request(track);
  }
}
