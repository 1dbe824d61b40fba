import type { Database } from '@rushes/database';
import type { ObjectStore } from '@rushes/object-store';
import type { EventPublisher, Logger } from '@rushes/platform';
import type { RecordingId, TrackId, TrackSource } from '@rushes/timeline';
import { TrackRows } from '../track/track-rows.ts';
import { TrackDeriver } from './track-deriver.ts';
import type { DerivationOutcome } from './track-deriver.ts';

export type RederiveParts = { database: Database; store: ObjectStore; publisher: EventPublisher; logger: Logger };

export type RederivedTrack = DerivationOutcome & { trackId: TrackId; source: TrackSource };

/** The recording cannot be derived again. */
export class RederivationError extends Error {
  /** Whether it can be later. */
  readonly retriable: boolean;

  constructor(
    readonly code: 'recording-not-found' | 'recording-running' | 'packets-dropped' | 'packets-missing',
    message: string,
  ) {
    super(message);
    this.name = 'RederivationError';
    this.retriable = code === 'recording-running';
  }
}

/**
 * Makes every media file of a recording anew from its stored packets, in place of the ones there are, and notes how well the
 * clocks fitted. The same packets give the same files, byte for byte, as long as the version does; a later version may know
 * better. One track after another; may be repeated, and given up in between: every track is as it was or as it is to be.
 *
 * @throws RederivationError when there is no such recording, it still runs, or packets that files were made of are gone, by
 * RUSHES_RAW_PACKETS (`packets-dropped`) or otherwise;
 * MediaError when a track's packets cannot be read; the signal's reason when aborted
 */
export async function rederiveRecording(
  recordingId: RecordingId,
  { database, ...parts }: RederiveParts,
  signal: AbortSignal = new AbortController().signal,
): Promise<RederivedTrack[]> {
  const rows = new TrackRows(database);
  const recording = await rows.findRecording(recordingId);
  if (recording.recordedAt === 0) {
    throw new RederivationError('recording-not-found', `There is no recording ${recordingId}.`);
  }
  const tracks = await rows.ofRecording(recordingId);
  const running = tracks.find(({ status }) => status === 'recording');
  if (recording.isRunning || running) {
    throw new RederivationError(
      'recording-running',
      `Recording ${recordingId} still runs; derive it when it has ended.`,
    );
  }
  for (const track of tracks) {
    if (track.packets !== 'kept') {
      throw new RederivationError(
        'packets-dropped',
        `The raw packets of track ${track.trackId} were dropped, as RUSHES_RAW_PACKETS said; its file stays as it is, and ` +
          `nothing was changed.`,
      );
    }
    // An imported file was never made of packets, and says nothing of their clock.
    if (track.media && track.sync && !(await rows.hasPackets(track))) {
      throw new RederivationError(
        'packets-missing',
        `Track ${track.trackId} has a file, and no stored packets to make it of anew: nothing was changed.`,
      );
    }
  }
  const deriver = new TrackDeriver({ ...parts, rows });
  const rederived: RederivedTrack[] = [];
  for (const { trackId, source, status, sync } of tracks) {
    // Nothing was ever stored of it, not even notes; or it was imported as a finished file.
    if ((status === 'empty' || !sync) && !(await rows.hasPackets({ recordingId, trackId }))) continue;
    const outcome = await deriver.derive({ recordingId, trackId }, signal);
    if (outcome) rederived.push({ trackId, source, ...outcome });
  }
  return rederived;
}
