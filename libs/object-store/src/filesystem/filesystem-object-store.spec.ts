import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testObjectStore } from '../contract/index.ts';
import { FilesystemObjectStore } from './filesystem-object-store.ts';

testObjectStore('FilesystemObjectStore', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rushes-objects-'));
  return {
    open: async () => new FilesystemObjectStore(folder),
    dispose: () => rm(folder, { recursive: true }),
  };
});

describe('On disk', () => {
  let folder: string;
  let store: FilesystemObjectStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rushes-objects-'));
    store = new FilesystemObjectStore(folder);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('a file is let go of when its reader goes away before reading anything', async () => {
    await store.put('big.webm', Buffer.alloc(1 << 20));
    const { body } = await store.get('big.webm');
    expect(await openFiles(folder)).toEqual([join(folder, 'big.webm')]);
    await body[Symbol.asyncIterator]().return!();
    expect(await openFiles(folder)).toEqual([]);
  });

  it('an object is a file under its key, so that any web server can serve it', async () => {
    await store.put('recordings/r1/manifest.json', Buffer.from('{}'));
    expect(await readFile(join(folder, 'recordings/r1/manifest.json'), 'utf8')).toBe('{}');
    expect((await store.head('recordings/r1/manifest.json'))!.contentType).toBe('application/json');
  });

  it('a key that goes on behind an object is not there', async () => {
    await store.put('there/is', Buffer.from('x'));
    await expect(store.read('there/is/not')).rejects.toMatchObject({ code: 'object-not-found', key: 'there/is/not' });
  });

  it('empty folders go with their last object', async () => {
    await store.put('r/a/b/1', Buffer.from('1'), { contentType: 'text/css' });
    await store.put('r/2', Buffer.from('2'));
    await store.delete(['r/a/b/1']);
    expect(await readdir(join(folder, 'r'))).toEqual(['2']);
    await store.delete(['r/2']);
    expect((await readdir(folder)).filter((name) => !name.startsWith('~'))).toEqual([]);
    expect((await stat(folder)).isDirectory()).toBe(true);
  });

  it('puts survive folders that are removed beside them', async () => {
    await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        await store.put(`r/deep/${n}`, Buffer.from('x'));
        await store.delete([`r/deep/${n}`]);
      }),
    );
    await store.put('r/deep/last', Buffer.from('x'));
    expect((await store.head('r/deep/last'))!.sizeBytes).toBe(1);
  });

  it('what a killed process was writing is not listed, and goes after a day', async () => {
    await mkdir(join(folder, '~writing'));
    const [fresh, old] = ['fresh', 'old'].map((name) => join(folder, '~writing', name));
    await writeFile(fresh!, 'part');
    await writeFile(old!, 'part');
    const yesterday = Date.now() / 1000 - 25 * 3600;
    await utimes(old!, yesterday, yesterday);
    await store.put('x', Buffer.from('x'));
    expect(await readdir(join(folder, '~writing'))).toEqual(['fresh']);
    const keys: string[] = [];
    for await (const { key } of store.list('')) keys.push(key);
    expect(keys).toEqual(['x']);
  });
});

/** Files below `folder` that this process has open. */
async function openFiles(folder: string): Promise<string[]> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return links.filter((path) => path.startsWith(folder));
}
