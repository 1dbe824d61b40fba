import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from './database.ts';
import { openDatabase } from './open-database.ts';
import { copyTemplate } from './testing/index.ts';

let dataDir: string;
let database: Database;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rushes-jobs-'));
  await copyTemplate(dataDir);
  database = await openDatabase({ dataDir });
}, 60_000);
afterAll(async () => {
  await database.close();
  await rm(dataDir, { recursive: true });
});

type Work = { trackId: string };

it('runs a job and keeps what it returned', async () => {
  const { jobs } = database;
  await jobs.createQueue('once', { notify: true });
  const jobId = await jobs.send('once', { trackId: 't1' });
  const done = Promise.withResolvers<void>();
  await jobs.work<Work>('once', { pollingIntervalSeconds: 0.5 }, async ([job]) => {
    setImmediate(done.resolve);
    return { derived: job!.data.trackId };
  });
  await done.promise;
  await jobs.offWork('once', { wait: true });
  expect((await jobs.findJobs('once', { id: jobId! }))[0]).toMatchObject({
    state: 'completed',
    output: { derived: 't1' },
  });
});

it('starts a job at once in a worker that waits, without its poll', async () => {
  const { jobs } = database;
  await jobs.createQueue('prompt', { notify: true });
  let done = Promise.withResolvers<void>();
  await jobs.work<Work>('prompt', { pollingIntervalSeconds: 60 }, async () => done.resolve());
  for (let round = 0; round < 3; round += 1) {
    await jobs.send('prompt', { trackId: 't1' });
    await done.promise;
    done = Promise.withResolvers<void>();
  }
  await jobs.offWork('prompt', { wait: true });
});

it('tries a job again that failed', async () => {
  const { jobs } = database;
  await jobs.createQueue('flaky', { retryLimit: 2, retryDelay: 0 });
  await jobs.send('flaky', { trackId: 't1' });
  const attempts: number[] = [];
  const done = Promise.withResolvers<void>();
  await jobs.work<Work>('flaky', { pollingIntervalSeconds: 0.5, includeMetadata: true }, async ([job]) => {
    attempts.push(job!.retryCount);
    if (attempts.length < 3) throw new Error('Not yet, says the test');
    done.resolve();
  });
  await done.promise;
  expect(attempts).toEqual([0, 1, 2]);
  await jobs.offWork('flaky', { wait: true });
});

it('never runs a cancelled job', async () => {
  const { jobs } = database;
  await jobs.createQueue('cancelled');
  const waiting = await jobs.send('cancelled', { trackId: 't1' });
  await jobs.cancel('cancelled', waiting!);
  expect(await jobs.fetch('cancelled')).toEqual([]);
  expect((await jobs.findJobs('cancelled', { id: waiting! }))[0]!.state).toBe('cancelled');
});

it('keeps jobs over a restart, with their queue', async () => {
  await database.jobs.createQueue('patient');
  await database.jobs.send('patient', { trackId: 't9' });
  await database.close();
  database = await openDatabase({ dataDir });
  const [job] = await database.jobs.fetch<Work>('patient');
  expect(job!.data).toEqual({ trackId: 't9' });
});
