import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { cp, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrations } from '../../../../migrations/index.ts';
import type { Database } from '../database.ts';
import { openDatabase } from '../open-database.ts';

/**
 * A database of its own for one test, empty and migrated, removed when it is closed.
 * Making a cluster takes seconds; so one is made per machine and set of migrations, and copied from then on (a third of a second).
 */
export async function openTemporaryDatabase(): Promise<Database & { dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rushes-database-'));
  await copyEmptyDatabase(dataDir);
  const database = await openDatabase({ dataDir });
  const close = database.close.bind(database);
  let closing: Promise<void> | undefined;
  const closeAndRemove = () => (closing ??= close().then(() => rm(dataDir, { recursive: true, force: true })));
  return Object.assign(database, { dataDir, close: closeAndRemove });
}

/** Puts an empty, migrated database into a data folder that something else will open. */
export async function copyEmptyDatabase(dataDir: string): Promise<void> {
  await copyFolder(await makeTemplate(), dataDir);
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

function copyFolder(from: string, to: string): Promise<void> {
  return cp(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
