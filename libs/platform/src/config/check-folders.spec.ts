import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkFolders } from './check-folders.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-folders-'));
});
afterEach(() => rm(folder, { recursive: true }));

const needsData = { data: true, pages: false };

it('makes the data folder and those above it', async () => {
  const dataDir = join(folder, 'a', 'b');
  await checkFolders({ dataDir, webDir: '' }, needsData);
  expect((await stat(dataDir)).isDirectory()).toBe(true);
  await checkFolders({ dataDir, webDir: '' }, needsData);
});

it('says which variable names a folder that cannot be one', async () => {
  await writeFile(join(folder, 'file'), '');
  for (const dataDir of [join(folder, 'file'), join(folder, 'file', 'below'), '/proc/nope', '/proc/nope/below']) {
    await expect(checkFolders({ dataDir, webDir: '' }, needsData), dataDir).rejects.toMatchObject({
      problems: [{ variable: 'RUSHES_DATA_DIR' }],
    });
  }
});

it('wants the pages to be there where they are served', async () => {
  const needs = { data: false, pages: true };
  const place = { dataDir: '', webDir: join(folder, 'web') };
  await expect(checkFolders(place, needs)).rejects.toThrow(/RUSHES_WEB_DIR: .*npm run build.*ENOENT/);
  for (const page of ['meeting', 'viewer']) {
    await mkdir(join(folder, 'web', page), { recursive: true });
    await writeFile(join(folder, 'web', page, 'index.html'), '');
  }
  await checkFolders(place, needs);
});
