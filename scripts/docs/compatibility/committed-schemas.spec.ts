import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { committedSchemas, missingHistory } from './committed-schemas.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-schemas-'));
  execFileSync('git', ['init', '-q'], { cwd: folder });
  await mkdir(join(folder, 'docs/schemas'), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function commit(schema: object, version?: string): Promise<void> {
  await writeFile(join(folder, 'docs/schemas/a.json'), JSON.stringify(schema));
  if (version) await writeFile(join(folder, 'docs/asyncapi.json'), JSON.stringify({ info: { version } }));
  execFileSync('git', ['add', '-A'], { cwd: folder });
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  execFileSync('git', [...identity, 'commit', '-qm', 'A step'], { cwd: folder });
}

it('gives every committed version of this major one, and none from before the stream was published', async () => {
  expect(committedSchemas('1', folder)).toEqual([]);
  await commit({ title: 'unpublished' });
  await commit({ title: 'other major' }, '0.9.0');
  await commit({ title: 'first' }, '1.0.0');
  await commit({ title: 'second' }, '1.1.0');
  const found = committedSchemas('1', folder);
  expect(found.map(({ name, schema }) => [name, schema.title])).toEqual([
    ['a', 'second'],
    ['a', 'first'],
  ]);
});

it('says when the history is not whole', async () => {
  expect(missingHistory(folder)).toBeUndefined();
  const clone = join(folder, 'clone');
  execFileSync('git', ['clone', '-q', '--depth', '1', `file://${folder}`, clone]);
  expect(missingHistory(clone)).toMatch(/shallow/);
  const bare = await mkdtemp(join(tmpdir(), 'rushes-no-history-'));
  expect(missingHistory(bare)).toMatch(/no git history/);
  await rm(bare, { recursive: true });
});
