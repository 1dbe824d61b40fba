import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../database.ts';
import { openDatabase } from '../open-database.ts';
import { copyTemplate } from './template.ts';

/** A database of its own for one test file, empty and migrated; closing it removes it. */
export async function openTemporaryDatabase(): Promise<Database & { dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rushes-database-'));
  await copyTemplate(dataDir);
  const database = await openDatabase({ dataDir });
  const close = database.close.bind(database);
  let closing: Promise<void> | undefined;
  const closeAndRemove = () => (closing ??= close().then(() => rm(dataDir, { recursive: true, force: true })));
  return Object.assign(database, { dataDir, close: closeAndRemove });
}
