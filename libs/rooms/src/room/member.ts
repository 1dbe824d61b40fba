import type { ParticipantId, ParticipantRole } from '@rushes/timeline';
import type { ClosingReason, NotificationFrame } from '../protocol/answers.ts';
import type { MemberMedia } from './member-media.ts';

/** The way to a member's page. */
export type MemberLink = {
  notify(notification: NotificationFrame): void;
  /** Says why, then closes the socket. */
  close(reason: ClosingReason): void;
};

/** One presence in the room: a participant's page, from joining until it leaves or its socket is lost. */
export type Member = {
  readonly participantId: ParticipantId;
  readonly presenceId: string;
  readonly name: string;
  readonly role: ParticipantRole;
  readonly link: MemberLink;
  readonly media: MemberMedia;
  /** From its first view of the room on; what happens later is sent to it. */
  isListening: boolean;
};
