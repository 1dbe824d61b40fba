import { Command } from 'commander';
import { listDeadLetters, replayDeadLetters, type DeadLetter, type EventLog } from '@rushes/event-log';
import { NotInstalledError, readConfig, withEventLog } from '../installation.ts';
import { print, printJson, printTable } from '../print.ts';

type ListOptions = { group?: string; replayed?: boolean; json?: boolean };
type ReplayOptions = { group?: string; all?: boolean };

/** `rushes dead-letters list | replay` */
export function deadLettersCommand(): Command {
  const letters = new Command('dead-letters').description('records that no consumer could take');
  letters
    .command('list')
    .description('show them, oldest first, with the reason')
    .option('--group <group>', 'only those of one consumer group, for example timeline-writer')
    .option('--replayed', 'also those that have been replayed')
    .option('--json', 'everything about them, with the record as text')
    .action((options: ListOptions) => withEventLog(readConfig(), (log) => list(log, options)));
  letters
    .command('replay [ids...]')
    .description('put their records back into the topics they came from, once the cause is gone')
    .option('--all', 'every one that has not been replayed')
    .option('--group <group>', 'with --all: only those of one consumer group')
    .action((ids: string[], options: ReplayOptions, command: Command) => {
      if (ids.length > 0 === (options.all === true)) command.error('error: expected either ids or --all');
      return withEventLog(readConfig(), (log) => replay(log, ids, options));
    });
  return letters;
}

async function list(log: EventLog, { group, replayed, json }: ListOptions): Promise<void> {
  const letters = await listDeadLetters(log, { ...ofGroup(group), withReplayed: replayed === true });
  if (json) return printJson(letters.map((letter) => ({ ...letter, value: letter.value.toString() })));
  if (letters.length === 0) return print('there are none');
  printTable(
    ['id', 'noted', 'group', 'where', 'code', 'reason'],
    letters.map(({ id, notedAt, group: by, topic, partition, offset, code, reason }) => [
      ...[id, notedAt, by, `${topic}/${partition}@${offset}`, code, reason],
    ]),
  );
}

async function replay(log: EventLog, ids: readonly string[], { group }: ReplayOptions): Promise<void> {
  const letters = await listDeadLetters(log, ofGroup(group));
  const chosen = ids.length === 0 ? letters : ids.map((id) => find(letters, id));
  const { replayed, refused } = await replayDeadLetters(log, chosen);
  for (const id of replayed) print(`replayed ${id}`);
  if (chosen.length === 0) print('there are none');
  if (refused.length > 0) {
    throw new NotReplayedError(refused.map(({ id, reason }) => `${id} cannot be replayed: ${reason}`).join('\n'));
  }
}

function find(letters: readonly DeadLetter[], id: string): DeadLetter {
  const letter = letters.find((each) => each.id === id);
  if (!letter)
    throw new NotInstalledError(`There is no dead letter ${id} that waits; "rushes dead-letters list" shows them`);
  return letter;
}

function ofGroup(group: string | undefined): { group?: string } {
  return group === undefined ? {} : { group };
}

/** Some records are no events, so that no consumer could be handed them. */
class NotReplayedError extends Error {
  readonly code = 'not-replayed';
  readonly retriable = false;
}
