import { rm } from 'node:fs/promises';
import type { RecordingId, TrackId } from '@rushes/timeline';
import type { DerivationJobs } from '../derivation/derivation-jobs.ts';
import type { TrackRecording } from './track-recording.ts';
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

  /** When the object store cannot be reached until the process ends, the next process finishes the track. */
  async finish(recording: TrackRecording, atMs: number | undefined): Promise<void> {
    const { endMs, stored } = await recording.close(atMs);
    if (await stored) await this.settle(recording.header.trackId, endMs, recording.spoolPath);
  }

  /** Everything of the track is in the object store. */
  async settle(trackId: TrackId, endMs: number, spoolPath: string): Promise<void> {
    await this.rows.finish(trackId, endMs);
    await rm(spoolPath, { recursive: true, force: true });
    const row = await this.rows.find(trackId);
    if (!row) return;
    const siblings = (await this.rows.ofParticipant(row.recordingId, row.participantId)).filter(
      (sibling) => sibling.trackId !== trackId,
    );
    if (siblings.some(({ status }) => status === 'recording')) {
      // At a recording's end the others follow at once, and the last one asks for all.
      const { isRunning } = await this.rows.findRecording(row.recordingId);
      if (isRunning) await this.jobs.request(row.recordingId, trackId);
      return;
    }
    await this.requestAll(row.recordingId, [
      trackId,
      ...siblings
        .filter(({ endMs: siblingEndMs }) => (siblingEndMs ?? Infinity) > row.startMs)
        .map((sibling) => sibling.trackId),
    ]);
  }

  private async requestAll(recordingId: RecordingId, trackIds: readonly TrackId[]): Promise<void> {
    for (const trackId of trackIds) await this.rows.reopen(trackId);
    for (const trackId of trackIds) await this.jobs.request(recordingId, trackId);
  }
}
