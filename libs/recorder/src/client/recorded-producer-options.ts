import { idSchema, participantRoleSchema, trackSourceSchema } from '@rushes/timeline';
import type { ParticipantId, ParticipantRole, RecordingId, TrackId, TrackSource } from '@rushes/timeline';
import { z } from 'zod';
import { feedPresenceSchema } from '../feed/feed-protocol.ts';
import { checkInput } from './check-input.ts';

export type RecordedProducerOptions = {
  recordingId: RecordingId;
  /** Letters, digits, "-" and "_", at most 64: the same in every track of a participant, and in their captured page. */
  participantId: ParticipantId;
  /** What viewers call the participant. Default: the id. */
  participantName?: string;
  /** Default `guest`. */
  role?: ParticipantRole;
  /**
   * Whether the participant comes and goes with their tracks. Default true; false when your server says itself who is in the meeting
   * (`PUT /v1/recordings/…/presences/…`).
   */
  announcesPresence?: boolean;
  source: TrackSource;
  /** Default: a new one. The page may mark the picture with it: `data-rushes-track`. */
  trackId?: TrackId;
  /** Simulcast: the highest layer to record, counted from 0. Default: the highest that is sent. */
  highestLayer?: number;
  /** The recording ended by itself, or (with an error) no recorder takes the track any more. Without it, `onProblem` is told of the error. */
  onEnded?: (error?: Error) => void;
};

const recordedProducerSchema = z.object({
  recordingId: idSchema,
  participantId: idSchema,
  participantName: feedPresenceSchema.shape.name.optional(),
  role: participantRoleSchema.optional(),
  source: trackSourceSchema,
  trackId: idSchema.optional(),
  highestLayer: z.int('expected a layer, counted from 0').min(0, 'expected a layer, counted from 0').optional(),
});

/** @throws RecorderError `input-invalid`, which names the option */
export function checkRecordedProducer(options: RecordedProducerOptions, kind: 'audio' | 'video'): void {
  const sources = kind === 'audio' ? ['microphone', 'screenAudio'] : ['camera', 'screen'];
  const schema = recordedProducerSchema.refine(({ source }) => sources.includes(source), {
    path: ['source'],
    error: `expected ${sources.join(' or ')} for a producer of ${kind}`,
  });
  checkInput(schema, options);
}
