import type { ParticipantId, RecordingId, RoomId, TrackId, TrackKind, TrackSource } from '@rushes/timeline';
import type { types as mediasoup } from 'mediasoup';

/** A producer that is to be recorded, and where its track belongs. */
export type ProducerOpened = {
  router: mediasoup.Router;
  producer: mediasoup.Producer;
  recordingId: RecordingId;
  /** Epoch milliseconds of the recording clock's zero. */
  recordedAt: number;
  roomId: RoomId;
  participantId: ParticipantId;
  trackId: TrackId;
  kind: TrackKind;
  source: TrackSource;
  /** Set when the producer is paused from the start. */
  paused: 'muted' | 'camera-off' | null;
  /** Highest spatial layer of simulcast and SVC to record, counted from 0. Default, and null: the highest there is. */
  highestLayer?: number | null;
};

type TrackMoment = { recordingId: RecordingId; trackId: TrackId; /** On the recording clock. */ atMs: number };

/** Why the recorder does not keep what comes: `spool-full`, it may take no more of the disk; `disk-failing`, the disk takes nothing. */
export type LossReason = 'spool-full' | 'disk-failing';

/** What the recorder listens to, and what it says; an app connects it to whoever has the producers. */
export type RecorderEventMap = {
  'producer-opened': [ProducerOpened];
  /** The producer is gone, or its track is no longer to be recorded. */
  'producer-closed': [TrackMoment];
  'producer-paused': [TrackMoment & { reason: 'muted' | 'camera-off' }];
  'producer-resumed': [TrackMoment];
  /** Said by the recorder when media begins to be lost, and, with null, when it is kept again. */
  'media-lost': [{ reason: LossReason | null }];
};
