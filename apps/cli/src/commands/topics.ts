import { Command } from 'commander';
import { applyTopics, checkTopics } from '@rushes/event-log/kafka';
import { kafkaTopics, readConfig } from '../installation.ts';
import { print } from '../print.ts';

/** `rushes topics apply | check` */
export function topicsCommand(): Command {
  const topics = new Command('topics').description(
    'the Kafka topics of the event stream, as RUSHES_KAFKA_… and RUSHES_…_RETENTION_HOURS want them',
  );
  topics
    .command('apply')
    .description('create the topics that are missing, and set the settings that differ; doing it again changes nothing')
    .action(async () => {
      const { created, changed } = await applyTopics(kafkaTopics(readConfig()));
      for (const topic of created) print(`created ${topic}`);
      for (const { topic, setting, found, expected } of changed) {
        print(`changed ${topic}: ${setting} from ${found} to ${expected}`);
      }
      if (created.length + changed.length === 0) print('nothing to do: the topics are as they must be');
    });
  topics
    .command('check')
    .description('fail when a topic is missing or has other settings, and say which')
    .action(async () => {
      await checkTopics(kafkaTopics(readConfig()));
      print('the topics are as they must be');
    });
  return topics;
}
