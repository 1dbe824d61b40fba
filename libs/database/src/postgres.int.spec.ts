import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { migrations } from '../../../migrations/index.ts';
import { startServices, type PostgresServer, type RunningServices } from '../../../scripts/services/index.ts';
import { describeWith, postgresUrl } from '../../../test/fixtures/services.ts';
import { isConnectionError } from './connection-error.ts';
import type { Database } from './database.ts';
import { RecordingEntity } from './entities/index.ts';
import { migrateDatabase, openDatabase, type OpenDatabaseOptions } from './open-database.ts';

const recording = { recordingId: 'r1', roomId: 'room', status: 'recording' as const, recordedAt: 1_790_000_000_123 };

let opened: Database[] = [];
async function open(options: OpenDatabaseOptions): Promise<Database> {
  const database = await openDatabase({ onError: () => undefined, ...options });
  opened.push(database);
  return database;
}
afterEach(async () => {
  await Promise.all(opened.map((database) => database.close()));
  opened = [];
});

/** Runs jobs of a new queue; what they carried comes out in the order in which they were done. */
async function workOn(database: Database, queue: string): Promise<AsyncIterator<string>> {
  const waiting: string[] = [];
  let wake = Promise.withResolvers<void>();
  await database.jobs.createQueue(queue, { notify: true });
  await database.jobs.work<{ name: string }>(queue, { pollingIntervalSeconds: 0.5 }, async ([job]) => {
    waiting.push(job!.data.name);
    wake.resolve();
  });
  return (async function* () {
    for (;;) {
      while (waiting.length > 0) yield waiting.shift()!;
      await wake.promise;
      wake = Promise.withResolvers();
    }
  })();
}

describeWith('postgres', 'On a PostgreSQL server', () => {
  it('processes that start together on an empty database migrate once', async () => {
    const url = await postgresUrl();
    const script = join(import.meta.dirname, 'testing/migrate-and-report.ts');
    const run = () => promisify(execFile)(process.execPath, ['--import', 'tsx', script, url]);
    const reports = await Promise.all([run(), run(), run()]);
    const ran = reports.map(({ stdout }) => JSON.parse(stdout) as string[]).sort((a, b) => b.length - a.length);
    expect(ran).toEqual([migrations.map(({ name }) => name), [], []]);
    expect(await migrateDatabase({ url })).toEqual([]);
  });

  it('databases that are opened together see the same data', async () => {
    const url = await postgresUrl();
    const [one, two] = await Promise.all([open({ url }), open({ url })]);
    await one.dataSource.getRepository(RecordingEntity).insert(recording);
    const found = await two.dataSource.getRepository(RecordingEntity).findOneByOrFail({ recordingId: 'r1' });
    expect(found.recordedAt).toBe(1_790_000_000_123);
    expect([one.isEmbedded, two.isEmbedded]).toEqual([false, false]);
  });

  it('a job sent by one process is run at once by another', async () => {
    const url = await postgresUrl();
    const [sender, worker] = await Promise.all([open({ url }), open({ url })]);
    const done = await workOn(worker, 'derive');
    await sender.jobs.send('derive', { name: 't1' });
    expect(await done.next()).toMatchObject({ value: 't1' });
  });

  it('keeps to its number of connections', async () => {
    const { pool } = await open({ url: await postgresUrl(), poolSize: 3 });
    await Promise.all(Array.from({ length: 20 }, () => pool.query('SELECT pg_sleep(0.01)')));
    expect(pool.totalCount).toBe(3);
  });

  it('refuses a URL that leads to no database, at once and without its password', async () => {
    const url = Object.assign(new URL(await postgresUrl()), { pathname: '/nowhere', password: 'hunter2' }).href;
    await expect(openDatabase({ url })).rejects.toThrow(
      /^RUSHES_DATABASE_URL: expected a database that is there(?!.*hunter2)/,
    );
  });
});

describeWith('postgres', 'While a PostgreSQL server is away', () => {
  let services: RunningServices;
  let server: PostgresServer;
  beforeAll(async () => {
    services = await startServices({ only: ['postgres'] });
    server = services.postgres!;
  });
  afterAll(() => services.stop());

  it.each(['stop', 'kill'] as const)(
    'after a %s queries and jobs go on when it is back, without a restart',
    async (end) => {
      await server.start();
      const errors: Error[] = [];
      const database = await open({ url: server.url, onError: (error) => void errors.push(error) });
      const done = await workOn(database, `work-${end}`);
      const { pool, jobs, dataSource } = database;
      await jobs.send(`work-${end}`, { name: 'before' });
      expect(await done.next()).toMatchObject({ value: 'before' });
      const held = await pool.connect();

      await server[end]();
      const failure: unknown = await pool.query('SELECT 1').catch((error: unknown) => error);
      expect(failure).toSatisfy(isConnectionError);
      await expect(dataSource.getRepository(RecordingEntity).count()).rejects.toSatisfy(isConnectionError);
      await expect(held.query('SELECT 1')).rejects.toSatisfy(isConnectionError);
      held.release(true);

      await server.start();
      expect((await pool.query<{ one: number }>('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      expect(await dataSource.getRepository(RecordingEntity).count()).toBe(0);
      await jobs.send(`work-${end}`, { name: 'after' });
      expect(await done.next()).toMatchObject({ value: 'after' });
      expect(errors.length).toBeGreaterThan(0);
    },
  );

  it('a process that starts meanwhile waits for it', async () => {
    await server.stop();
    const opening = open({ url: server.url });
    await server.start();
    expect(await (await opening).dataSource.getRepository(RecordingEntity).count()).toBe(0);
  });

  it('a process that waits in vain says what it expected', async () => {
    await server.stop();
    await expect(openDatabase({ url: server.url, waitMs: 0 })).rejects.toMatchObject({
      code: 'database-unreachable',
      retriable: true,
      message: expect.stringContaining('RUSHES_DATABASE_URL') as string,
    });
  });
});
