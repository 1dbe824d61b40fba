import { Command } from 'commander';
import type { Database } from '@rushes/database';
import { ApiKeyService } from '@rushes/platform';
import { NotInstalledError, readConfig, withDatabase } from '../installation.ts';
import { print, printJson, printTable } from '../print.ts';

/** `rushes api-keys create | list | revoke` */
export function apiKeysCommand(): Command {
  const keys = new Command('api-keys').description('the keys that may do everything');
  keys
    .command('create <name>')
    .description('make a key and print it, the only time it is ever readable; the name says what it is for')
    .action((name: string) => withService(async (service) => print(await service.create(name))));
  keys
    .command('list')
    .description('show which keys there are, never the keys themselves')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }) =>
      withService(async (service) => {
        const all = await service.list();
        if (options.json) return printJson(all);
        const row = ({ keyId, name, createdAt, revokedAt }: (typeof all)[number]) => [
          ...[keyId, createdAt, revokedAt ?? 'no', name],
        ];
        printTable(['id', 'made', 'revoked', 'name'], all.map(row));
      }),
    );
  keys
    .command('revoke <id>')
    .description('take a key back for good; running services refuse it from then on')
    .action((id: string) =>
      withService(async (service) => {
        if (!(await service.revoke(id)))
          throw new NotInstalledError(`There is no key ${id} that is not revoked already`);
        print(`revoked ${id}`);
      }),
    );
  return keys;
}

function withService(work: (service: ApiKeyService) => Promise<void>): Promise<void> {
  const config = readConfig();
  return withDatabase(config, (database: Database) => work(new ApiKeyService(database, config)));
}
