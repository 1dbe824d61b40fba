import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sweepLeftovers } from './sweep-leftovers.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-sweep-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('removes what imports left more than a week ago, and nothing of others', async () => {
  const nowMs = 1_780_000_000_000;
  const dayMs = 86_400_000;
  for (const [name, days] of [
    ['rushes-upload-old', 8],
    ['rushes-import-old', 30],
    ['rushes-upload-new', 1],
    ['rushes-test-old', 8],
    ['others', 90],
  ] as const) {
    const path = join(folder, name);
    await mkdir(path);
    await writeFile(join(path, 'file'), 'x');
    const changedAt = (nowMs - days * dayMs) / 1000;
    await utimes(path, changedAt, changedAt);
  }
  await sweepLeftovers(folder, nowMs);
  expect((await readdir(folder)).sort()).toEqual(['others', 'rushes-test-old', 'rushes-upload-new']);
});
