import { parseEnvelope } from '@rushes/timeline';
import { topics, type EventLog } from '../event-log.ts';
import { DeadLetterWriter } from './dead-letter.ts';
import type { DeadLetter } from './list-dead-letters.ts';

export type ReplayResult = {
  /** Ids of the letters whose records are in their topics again. */
  replayed: string[];
  /** Ids of those whose bytes still are no envelope, with the reason: no consumer could be handed them. */
  refused: { id: string; reason: string }[];
};

/**
 * Puts the letters' records back into the topics they came from, in the order given, and notes it. Every group is handed them
 * again: the others recognise `source` + `seq`.
 */
export async function replayDeadLetters(log: EventLog, letters: readonly DeadLetter[]): Promise<ReplayResult> {
  const writer = new DeadLetterWriter('dead-letters');
  const result: ReplayResult = { replayed: [], refused: [] };
  for (const { id, topic, key, value } of letters) {
    let event;
    try {
      event = parseEnvelope(JSON.parse(value.toString('utf8')));
    } catch (error) {
      result.refused.push({ id, reason: error instanceof Error ? error.message : String(error) });
      continue;
    }
    await log.append(topic, [event]);
    await log.append(topics.deadLetters, [writer.noteReplay(id, key)]);
    result.replayed.push(id);
  }
  return result;
}
