import { EventEmitter } from 'node:events';
import type { ParticipantId, RecordingId, RoomId, TrackId, TrackKind, TrackSource } from '@rushes/timeline';
import type { types as mediasoup } from 'mediasoup';

/** A track that is to be recorded: its producer, and where it belongs. */
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
  /** Highest spatial layer of simulcast and SVC to record, counted from 0; null: the highest there is. */
  highestLayer: number | null;
};

/** What the room tells the process it runs in, only while a recording runs; and what it is told. */
export type RoomEventMap = {
  /** A producer appeared in a recorded room, or a recording began in a room where it was. */
  'producer-opened': [ProducerOpened];
  /** The producer is gone, or the recording has ended while it goes on. */
  'producer-closed': [{ recordingId: RecordingId; trackId: TrackId; atMs: number }];
  'producer-paused': [{ recordingId: RecordingId; trackId: TrackId; atMs: number; reason: 'muted' | 'camera-off' }];
  'producer-resumed': [{ recordingId: RecordingId; trackId: TrackId; atMs: number }];
  /** The recorder of this process does not keep the media that comes; null: it does again. Hosts of recorded rooms are told. */
  'media-lost': [{ reason: 'spool-full' | 'disk-failing' | null }];
};

/** Where an app connects rooms with a recorder; neither knows the other. Listeners must not throw. */
export class RoomEvents extends EventEmitter<RoomEventMap> {}
