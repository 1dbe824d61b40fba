import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { cp, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrations } from '../../../../migrations/index.ts';
import { openDatabase } from '../open-database.ts';

/**
 * Fills `dataDir` with an empty, migrated database. Making a cluster takes seconds, so one is made for each machine and
 * set of migrations, below the folder for temporary files, and copied from then on.
 */
export async function copyTemplate(dataDir: string): Promise<void> {
  await cp(await makeTemplate(), dataDir, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

async function makeTemplate(): Promise<string> {
  const template = join(tmpdir(), `rushes-database-template-${await describeSchema()}`);
  if (await exists(template)) return template;
  const draft = await mkdtemp(join(tmpdir(), 'rushes-database-template-draft-'));
  const database = await openDatabase({ dataDir: draft });
  await database.close();
  // Several test processes may have made one at the same time: the first to be in place stays.
  await rename(draft, template).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(template))) throw error;
  });
  return template;
}

/** What a template depends on: the migrations' text, and PGlite's and pg-boss's versions. */
async function describeSchema(): Promise<string> {
  const hash = createHash('sha256');
  for (const migration of migrations) hash.update(migration.toString());
  const require = createRequire(import.meta.url);
  for (const name of ['@electric-sql/pglite', 'pg-boss']) hash.update(await readFile(packageFile(require, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Found by path: not every package exports its `package.json`. */
function packageFile(require: NodeJS.Require, name: string): string {
  const entry = require.resolve(name);
  return join(entry.slice(0, entry.lastIndexOf(join('node_modules', name))), 'node_modules', name, 'package.json');
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
