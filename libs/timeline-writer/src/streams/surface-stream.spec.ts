import { expect, it } from 'vitest';
import type { ChunkStore } from '../storage/chunk-store.ts';
import { SurfaceStream } from './surface-stream.ts';

it('takes only so much of a page that never takes another snapshot, and all again once it does', async () => {
  const unused = {} as ChunkStore;
  const stream = new SurfaceStream(unused, 'ann', []);
  let seq = 0;
  const add = (type: number, megabytes: number) =>
    stream.add(seq * 10, { type, timestamp: 0, data: {} }, { source: 'page', seq: seq++ }, megabytes * 1024 * 1024);
  await add(2, 1);
  await add(3, 60);
  await expect(add(3, 4)).rejects.toMatchObject({ code: 'chunk-full', retriable: false });
  await add(3, 2);
  await add(2, 1);
  await add(3, 4);
});
