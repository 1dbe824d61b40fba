import { newId } from '@rushes/platform/ids';
import type { ParticipantId, RecordingId } from '@rushes/timeline';
import type { FeedPresence } from '../feed/feed-protocol.ts';

type About = { recordingId: RecordingId; participantId: ParticipantId };
type Entry = { presence: FeedPresence; tracks: number };

/** Who is in which recording: a participant comes with the first track and goes with the last. */
export class Presences {
  private readonly entries = new Map<string, Entry>();

  enter(about: About, as: Pick<FeedPresence, 'name' | 'role'>): FeedPresence {
    const entry = this.entries.get(keyOf(about)) ?? { presence: { presenceId: newId(), ...as }, tracks: 0 };
    entry.tracks++;
    this.entries.set(keyOf(about), entry);
    return entry.presence;
  }

  /** One of its tracks ends. @returns the presence that ends with it, if it was the last */
  leave(about: About): FeedPresence | undefined {
    const entry = this.entries.get(keyOf(about));
    if (!entry || --entry.tracks > 0) return undefined;
    this.entries.delete(keyOf(about));
    return entry.presence;
  }

  /** The presence after one that a recorder may have ended: for all of its tracks the same. */
  renew(about: About, lost: FeedPresence): FeedPresence {
    const renewed = { ...lost, presenceId: newId() };
    const entry = this.entries.get(keyOf(about));
    if (!entry) return renewed;
    if (entry.presence.presenceId === lost.presenceId) entry.presence = renewed;
    return entry.presence;
  }
}

function keyOf({ recordingId, participantId }: About): string {
  return `${recordingId}/${participantId}`;
}
