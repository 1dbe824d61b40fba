import { Command } from 'commander';
import { migrateDatabase } from '@rushes/database';
import { databaseOptions, readConfig } from '../installation.ts';
import { print } from '../print.ts';

/** `rushes migrate` */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database’s schema up to date; services do it too at their start, several at once are safe')
    .action(async () => {
      const ran = await migrateDatabase(databaseOptions(readConfig()));
      for (const name of ran) print(`ran ${name}`);
      if (ran.length === 0) print('nothing to do: the schema is up to date');
    });
}
