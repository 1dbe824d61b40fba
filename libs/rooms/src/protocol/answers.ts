import type {
  EndReason,
  ParticipantId,
  ParticipantRole,
  RecordingId,
  RoomId,
  RoomState,
  TimelineEvent,
  TrackId,
  TrackKind,
} from '@rushes/timeline';

type Nothing = Record<string, never>;
/** A mediasoup structure, passed through as JSON. */
export type Opaque = Record<string, unknown>;

/** What a page needs to feed the capture SDK. */
export type CaptureGrant = {
  recordingId: RecordingId;
  captureToken: string;
  /** Path of the capture WebSocket on the origin of this one: `/v1/capture`. */
  endpoint: string;
  title: string | null;
  /** The recording of this meeting that was cut short and that this one goes on after; null for none. */
  continuesRecordingId: RecordingId | null;
};

export type RoomView = {
  state: RoomState;
  /** Now on the room clock, milliseconds: the `atMs` of `state` and of timeline notifications. */
  nowMs: number;
  /** Epoch milliseconds of the room clock's zero. */
  openedAt: number;
};

/** The `data` of a successful answer, by method. */
export type Answers = {
  join: RoomView & {
    presenceId: string;
    name: string;
    routerRtpCapabilities: Opaque;
    recording: CaptureGrant | null;
  };
  createTransport: {
    transportId: string;
    iceParameters: Opaque;
    iceCandidates: Opaque[];
    dtlsParameters: Opaque;
  };
  connectTransport: Nothing;
  restartIce: { iceParameters: Opaque };
  produce: { trackId: TrackId };
  pauseProducer: Nothing;
  resumeProducer: Nothing;
  closeProducer: Nothing;
  consume: {
    consumerId: string;
    producerId: string;
    trackId: TrackId;
    kind: TrackKind;
    rtpParameters: Opaque;
  };
  resumeConsumer: Nothing;
  pauseConsumer: Nothing;
  setPreferredLayers: Nothing;
  sendEvent: { atMs: number };
  readState: RoomView;
  renewCaptureToken: CaptureGrant;
  invite: { token: string };
  startRecording: { recordingId: RecordingId };
  stopRecording: Nothing;
  endRoom: Nothing;
  leave: Nothing;
};

/** What the server says unasked, by event: `{ event, data }`. */
export type Notifications = {
  /** First frame on a connection that is where the room lives: who the token says this is, and what joining means. */
  welcome: {
    roomId: RoomId;
    participantId: ParticipantId;
    name: string | null;
    role: ParticipantRole;
    /** People in the room now. */
    peopleCount: number;
    isRecording: boolean;
    /** For whoever came with an invitation for many: the token with which to come back as the same participant. */
    ownToken: string | null;
  };
  /** The room lives in another process: connect to `/v1/rooms` under this URL instead. The socket is about to close. */
  moved: { url: string };
  /** Something happened in the room; `atMs` on the room clock. The sender of an event does not get it back. */
  timeline: TimelineEvent;
  'recording-started': CaptureGrant & { startedBy: ParticipantId | null };
  'recording-ended': { recordingId: RecordingId; reason: EndReason };
  /** To hosts: the recording lacks the media that comes now, because the recorder has no room for it; null: it has again. */
  'recording-media-lost': { reason: 'spool-full' | 'disk-failing' | null };
  'consumer-closed': { consumerId: string; trackId: TrackId };
  /** The socket is about to close: `replaced` by the participant's newer page, `room-ended`, `media-lost` (join again). */
  closing: { reason: ClosingReason };
  /** A frame that could not be answered, because it had no usable id. */
  error: { code: SignallingErrorCode; message: string };
};
export type ClosingReason = 'replaced' | 'room-ended' | 'media-lost' | 'left' | 'too-many-requests';
export type NotificationName = keyof Notifications;

export type SignallingErrorCode =
  | 'input-invalid'
  | 'not-joined'
  | 'already-joined'
  | 'not-allowed'
  | 'room-full'
  | 'room-ended'
  | 'not-found'
  | 'source-taken'
  | 'id-taken'
  | 'poll-closed'
  | 'cannot-consume'
  | 'media-invalid'
  | 'recording-running'
  | 'not-recording'
  | 'too-many-requests'
  | 'unavailable'
  | 'internal';

/** Frames from the server. */
export type AnswerFrame =
  | { id: number; ok: true; data: unknown }
  | { id: number; error: { code: SignallingErrorCode; message: string; retriable: boolean } };
export type NotificationFrame = { [N in NotificationName]: { event: N; data: Notifications[N] } }[NotificationName];
