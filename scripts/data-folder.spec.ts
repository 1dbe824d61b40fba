import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeDataFolder } from './data-folder.ts';

let parent: string;
let own: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'rushes-data-folder-'));
  own = join(parent, 'own');
  await mkdir(own);
  await writeFile(join(own, 'film.mp4'), '');
});
afterEach(() => rm(parent, { recursive: true, force: true }));

it('empties the folder that is its own', async () => {
  expect(await makeDataFolder(own, own)).toBe(own);
  expect(await readdir(own)).toEqual([]);
});

it('takes another that is new or empty, where it was said to be', async () => {
  const other = join(parent, 'a', 'b');
  expect(await makeDataFolder(other, own)).toBe(other);
  expect(await makeDataFolder(other, own)).toBe(other);
  expect(await readdir(own)).toEqual(['film.mp4']);
});

it('refuses another that holds something, or is a file, and leaves it', async () => {
  await expect(makeDataFolder(parent, own)).rejects.toThrow(
    `--data: expected a folder that is new or empty, got "${parent}"`,
  );
  await expect(makeDataFolder(join(own, 'film.mp4'), join(parent, 'x'))).rejects.toThrow('--data: expected a folder');
  expect(await readdir(own)).toEqual(['film.mp4']);
});
