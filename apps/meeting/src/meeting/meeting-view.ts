import type { ParticipantId, ParticipantRole, RecordingId, RoomState, TrackId, TrackSource } from '@rushes/timeline';
import type { DeviceProblem } from '../media/devices.ts';
import { emptyRoom } from './room-state.ts';

/**
 * `lobby`: name and preview. `connecting`: first connection. `reconnecting`: the socket was lost, the page comes back by
 * itself. `over`: left, ended or refused; `ending` says which.
 */
export type Phase = 'lobby' | 'connecting' | 'in-meeting' | 'reconnecting' | 'over';
export type DeviceState = 'opening' | 'on' | 'off' | DeviceProblem;
export type Panel = 'chat' | 'polls' | 'people';
export type Toast = { toastId: number; text: string; kind: 'error' | 'info' };
/** Why the meeting is over for this page, in words for the person in front of it. */
export type Ending = { title: string; text: string; canRejoin: boolean };

/** Everything that the page shows. */
export type MeetingView = {
  phase: Phase;
  ending: Ending | null;
  me: { participantId: ParticipantId; name: string; role: ParticipantRole } | null;
  room: RoomState;
  /** Epoch milliseconds of the room clock's zero. */
  openedAt: number;
  camera: DeviceState;
  microphone: DeviceState;
  /** Own picture, also while the camera is off. */
  cameraTrack: MediaStreamTrack | null;
  screenTrack: MediaStreamTrack | null;
  ownTracks: Readonly<Partial<Record<TrackSource, TrackId>>>;
  remoteTracks: ReadonlyMap<TrackId, MediaStreamTrack>;
  /** The browser wants a click before it plays sound. */
  isSoundBlocked: boolean;
  recording: { recordingId: RecordingId; title: string | null } | null;
  panel: Panel | null;
  /** A link for any number of guests, once the host has asked for one. */
  invitation: string | null;
  isWhiteboardOpen: boolean;
  /** Chat messages that have been seen. */
  readMessages: number;
  /** Strokes that were on the whiteboard when it was last looked at. */
  seenStrokes: number;
  toasts: readonly Toast[];
};

export const initialView: MeetingView = {
  phase: 'lobby',
  ending: null,
  me: null,
  room: emptyRoom,
  openedAt: 0,
  camera: 'opening',
  microphone: 'opening',
  cameraTrack: null,
  screenTrack: null,
  ownTracks: {},
  remoteTracks: new Map(),
  isSoundBlocked: false,
  recording: null,
  panel: null,
  invitation: null,
  isWhiteboardOpen: false,
  readMessages: 0,
  seenStrokes: 0,
  toasts: [],
};
