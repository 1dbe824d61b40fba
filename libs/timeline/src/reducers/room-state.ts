import type { ParticipantRole, TrackKind, TrackSource } from '../events/catalogue.ts';
import type { ParticipantId, TrackId } from '../ids.ts';

export type Presence = { presenceId: string; joinedAtMs: number; leftAtMs: number | null };
export type ParticipantState = {
  participantId: ParticipantId;
  name: string;
  role: ParticipantRole;
  /** In order of joining; the participant is in the meeting while the last one has `leftAtMs: null`. */
  presences: Presence[];
};
export type TrackState = {
  trackId: TrackId;
  participantId: ParticipantId;
  kind: TrackKind;
  source: TrackSource;
  codec: string;
  startedAtMs: number;
  endedAtMs: number | null;
  /** Set while the track is muted or its camera is off. */
  paused: 'muted' | 'camera-off' | null;
};
export type ChatMessage = { messageId: string; participantId: ParticipantId; atMs: number; text: string };
export type Poll = {
  pollId: string;
  openedBy: ParticipantId;
  question: string;
  multiple: boolean;
  options: { optionId: string; text: string }[];
  /** The latest vote of each participant. */
  votes: Record<ParticipantId, string[]>;
  openedAtMs: number;
  closedAtMs: number | null;
};
export type Reaction = { participantId: ParticipantId; emoji: string; atMs: number };
export type Caption = {
  captionId: string;
  participantId: ParticipantId;
  text: string;
  isFinal: boolean;
  atMs: number;
};

/** How long a reaction or a caption stays in the state, in milliseconds. */
export const transientMs = 10_000;

/** Everything interactive in the meeting at one instant; JSON-serialisable, so that it can open a chunk. */
export type RoomState = {
  /** `atMs` of the newest event applied. */
  atMs: number;
  recording: { title?: string; recordedAt: number; paused: boolean; endedAtMs: number | null };
  participants: Record<ParticipantId, ParticipantState>;
  tracks: Record<TrackId, TrackState>;
  /** Participants speaking now, the one who began last first. */
  speaking: ParticipantId[];
  /** The participant who spoke last (may be silent now): what a speaker layout shows. */
  lastSpeaker: ParticipantId | null;
  chat: ChatMessage[];
  polls: Poll[];
  /** Raised hands, earliest first. */
  hands: { participantId: ParticipantId; atMs: number }[];
  /** Those of the last {@link transientMs}, oldest first. */
  reactions: Reaction[];
  /** Who shares a screen now. */
  screens: { participantId: ParticipantId; trackId?: TrackId; atMs: number }[];
  /** Those of the last {@link transientMs}, oldest first. */
  captions: Caption[];
  markers: { atMs: number; label: string }[];
  /** State of each registered plugin, by plugin id. */
  plugins: Record<string, unknown>;
};
