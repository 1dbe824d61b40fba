import { randomUUID } from 'node:crypto';
import { topics, type EventLog } from '../event-log.ts';
import { deadLetterSchema, deadLetterTypes, replayNoteSchema, type DeadLetterData } from './dead-letter.ts';

/** A dead letter in the log. `notedAt` is RFC 3339; `value` is the original record's bytes. */
export type DeadLetter = Omit<DeadLetterData, 'value'> & { id: string; notedAt: string; value: Buffer };

export type ListOptions = {
  /** Only letters of this group. */
  group?: string;
  /** With those that have been replayed. Default false. */
  withReplayed?: boolean;
};

/** Every dead letter that is in the log now, oldest first. Reads with a group of its own that leaves no checkpoint. */
export async function listDeadLetters(log: EventLog, options: ListOptions = {}): Promise<DeadLetter[]> {
  const letters = new Map<string, DeadLetter>();
  const replayed = new Set<string>();
  const subscription = await log.subscribe({
    group: `dead-letters-${randomUUID()}`,
    topics: [topics.deadLetters],
    checkpoints: 'manual',
    onRecords: async (records) => {
      for (const { event } of records) {
        if (event.type === deadLetterTypes.noted) {
          const result = deadLetterSchema.safeParse(event.data);
          if (!result.success) continue;
          const value = Buffer.from(result.data.value, 'base64');
          letters.set(event.id, { ...result.data, id: event.id, notedAt: event.time, value });
        } else if (event.type === deadLetterTypes.replayed) {
          const result = replayNoteSchema.safeParse(event.data);
          if (result.success) replayed.add(result.data.id);
        }
      }
    },
  });
  try {
    await subscription.whenCaughtUp();
  } finally {
    await subscription.close();
  }
  return [...letters.values()].filter(
    ({ id, group }) =>
      (options.withReplayed === true || !replayed.has(id)) && (options.group === undefined || group === options.group),
  );
}
