import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordingEntity } from './entities/index.ts';
import { openDatabase } from './open-database.ts';
import { findPostgres, startPostgres, type PostgresServer } from './testing/index.ts';

const bin = await findPostgres();

describe.skipIf(bin === undefined)('On a PostgreSQL server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(bin!);
  });
  afterAll(() => server.close());

  it('processes that start together migrate once and see the same data', async () => {
    const databases = await Promise.all([1, 2, 3].map(() => openDatabase({ url: server.url })));
    const [one, two] = databases;
    await one!.dataSource
      .getRepository(RecordingEntity)
      .insert({ recordingId: 'r1', roomId: 'room', status: 'recording', recordedAt: 1_790_000_000_123 });
    const found = await two!.dataSource.getRepository(RecordingEntity).findOneByOrFail({ recordingId: 'r1' });
    expect(found.recordedAt).toBe(1_790_000_000_123);
    expect(databases.map((database) => database.isEmbedded)).toEqual([false, false, false]);
    await Promise.all(databases.map((database) => database.close()));
  });

  it('a job sent by one process is run at once by another', async () => {
    const [sender, worker] = await Promise.all([1, 2].map(() => openDatabase({ url: server.url })));
    await sender!.jobs.createQueue('derive', { notify: true });
    const done = Promise.withResolvers<object>();
    await worker!.jobs.work<{ trackId: string }>('derive', { pollingIntervalSeconds: 1 }, async ([job]) => {
      done.resolve(job!.data);
    });
    await sender!.jobs.send('derive', { trackId: 't1' });
    expect(await done.promise).toEqual({ trackId: 't1' });
    await Promise.all([sender!.close(), worker!.close()]);
  });
});
