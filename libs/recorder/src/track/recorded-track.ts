import type { RecordingId, TrackId } from '@rushes/timeline';

/**
 * A track in one recording. A track that runs on is recorded again by the next recording of its room, and the two may
 * overlap while the first is stored and derived; so its id alone names neither.
 */
export type RecordedTrack = { recordingId: RecordingId; trackId: TrackId };

/** What maps and jobs know it by; also its folder in the spool. */
export function recordedTrackName({ recordingId, trackId }: RecordedTrack): string {
  return `${recordingId}/${trackId}`;
}
