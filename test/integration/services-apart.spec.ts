import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { openDatabase, type Database } from '@rushes/database';
import { applyTopics } from '@rushes/event-log/kafka';
import type { Export } from '@rushes/exports';
import type { ImportState } from '@rushes/imports';
import { runFfmpegArgs } from '@rushes/media';
import { S3ObjectStore } from '@rushes/object-store/s3';
import { newId } from '@rushes/platform';
import { recordingPrefix } from '@rushes/timeline';
import { describeWith, kafkaBrokers, postgresUrl, s3Env, s3Settings } from '../fixtures/services.ts';
import { ServiceProcess } from '../fixtures/service-process.ts';
import { writeSyntheticRecording } from '../fixtures/synthetic-recording.ts';

const apps = ['gateway', 'recorder', 'timeline-writer', 'api', 'renderer', 'analytics'] as const;
const apiKey = 'test-key-0123456789-0123456789-0123';

describeWith(['kafka', 's3', 'postgres'], 'Services run apart', () => {
  let env: Record<string, string>;
  let folder: string;
  let database: Database;
  let store: S3ObjectStore;
  const running: ServiceProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rushes-apart-'));
    const brokers = await kafkaBrokers();
    const topicPrefix = `${randomUUID()}.`;
    const { accessKeyId, secretAccessKey, ...s3 } = await s3Settings();
    const keyPrefix = randomUUID();
    const url = await postgresUrl();
    await applyTopics({ connection: { brokers, topicPrefix } });
    env = {
      RUSHES_API_KEY: apiKey,
      RUSHES_DATABASE_URL: url.replace('rushes@', 'rushes:secret-of-the-database@'),
      RUSHES_EVENT_LOG: 'kafka',
      RUSHES_KAFKA_BROKERS: brokers.join(','),
      RUSHES_KAFKA_TOPIC_PREFIX: topicPrefix,
      ...(await s3Env(keyPrefix)),
    };
    database = await openDatabase({ url, poolSize: 2 });
    process.env.AWS_ACCESS_KEY_ID = accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = secretAccessKey;
    store = new S3ObjectStore({ ...s3, pathStyle: true, keyPrefix });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.end('SIGKILL')));
  });
  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (app: string, more: Record<string, string> = {}): Promise<ServiceProcess> => {
    const service = await ServiceProcess.start(app, { ...env, RUSHES_DATA_DIR: join(folder, newId()), ...more });
    running.push(service);
    return service;
  };

  it.each(apps)(
    '%s says what it connects to, is ready when it is, and ends in order',
    { timeout: 180_000 },
    async (app) => {
      const service = await start(app);
      const { database: where, eventLog, objectStore } = await service.whenLogged('starting');
      expect({ where, eventLog, objectStore }).toEqual({
        where: expect.stringMatching(/^postgres:\/\/127\.0\.0\.1:\d+\/test_/) as string,
        eventLog: `kafka at ${env.RUSHES_KAFKA_BROKERS}`,
        objectStore: `s3 bucket ${env.RUSHES_S3_BUCKET} at ${env.RUSHES_S3_ENDPOINT}`,
      });
      await vi.waitFor(async () => expect(await service.statusOf('/health/live')).toBe(200), { timeout: 120_000 });
      await service.whenReady();
      expect(await service.statusOf('/meet/')).toBe(app === 'api' ? 200 : 404);
      const said = service.stderr + JSON.stringify(service.lines);
      for (const secret of ['secret-of-the-database', env.AWS_SECRET_ACCESS_KEY!, apiKey])
        expect(said).not.toContain(secret);
      expect(await service.end()).toBe(0);
      expect(service.lines.at(-1)).toMatchObject({ msg: 'ended' });
      expect(service.lines.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
    },
  );

  it('refuses adapters that belong to one process, naming the variables', { timeout: 180_000 }, async () => {
    const service = await start('gateway', { RUSHES_EVENT_LOG: '', RUSHES_OBJECT_STORE: '', RUSHES_DATABASE_URL: '' });
    expect(await service.ended).toBe(1);
    expect(service.stderr).toMatch(/RUSHES_DATABASE_URL: expected a postgres:\/\/ URL/);
    expect(service.stderr).toMatch(/RUSHES_EVENT_LOG: expected kafka/);
    expect(service.stderr).toMatch(/RUSHES_OBJECT_STORE: expected s3/);
  });

  it('lives, but is not ready, while the database it waits for is away', { timeout: 180_000 }, async () => {
    const service = await start('api', { RUSHES_DATABASE_URL: 'postgres://nobody@127.0.0.1:9/nothing' });
    await vi.waitFor(async () => expect(await service.statusOf('/health/live')).toBe(200), { timeout: 120_000 });
    expect(await service.statusOf('/health/ready')).toBe(503);
    expect(await service.statusOf('/v1/recordings')).toBe(503);
  });

  it(
    'exports across processes: asked of one, made by another, handed back, cancelled',
    { timeout: 600_000 },
    async () => {
      const api = await start('api');
      const [first, second] = [await start('renderer', { RUSHES_DRAIN_SECONDS: '0' }), await start('renderer')];
      await Promise.all([api, first, second].map((service) => service.whenReady()));
      const recordingId = await makeRecording();
      const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
        const response = await fetch(api.url + path, {
          method,
          headers: {
            authorization: `Bearer ${apiKey}`,
            'x-request-id': 'asked-by-the-test',
            ...(body ? { 'content-type': 'application/json' } : {}),
          },
          ...(body ? { body: JSON.stringify(body) } : {}),
        });
        expect(response.ok).toBe(true);
        return (await response.json()) as T;
      };
      const exportPath = `/v1/recordings/${recordingId}/exports`;
      const request = { perspective: 'room', width: 320, height: 180, fps: 10 };
      const { exportId } = await call<Export>('POST', exportPath, request);
      const isRunning = async () =>
        expect((await call<Export>('GET', `/v1/exports/${exportId}`)).status).toBe('running');
      await vi.waitFor(isRunning, { timeout: 120_000, interval: 20 });

      // Whichever has it is asked to end, and the other makes it.
      const works = (service: ServiceProcess) => service.lines.some((line) => line.exportId === exportId);
      await vi.waitFor(() => expect(works(first) || works(second)).toBe(true), { timeout: 120_000, interval: 20 });
      const [holder, other] = works(first) ? [first, second] : [second, first];
      expect(await holder.end()).toBe(0);
      const isDone = async () => expect((await call<Export>('GET', `/v1/exports/${exportId}`)).status).toBe('done');
      await vi.waitFor(isDone, { timeout: 300_000, interval: 200 });
      const done = other.lines.find(({ msg }) => msg === 'export done');
      expect(done ?? holder.lines.find(({ msg }) => msg === 'export done')).toMatchObject({
        exportId,
        recordingId,
        requestId: 'asked-by-the-test',
      });

      const { exportId: cancelledId } = await call<Export>('POST', exportPath, {
        ...request,
        width: 640,
        height: 360,
        fps: 30,
      });
      await vi.waitFor(
        async () => expect((await call<Export>('GET', `/v1/exports/${cancelledId}`)).status).toBe('running'),
        { timeout: 120_000, interval: 20 },
      );
      await call('DELETE', `/v1/exports/${cancelledId}`);
      expect(await other.whenLogged('export cancelled')).toMatchObject({ exportId: cancelledId });
    },
  );

  it('imports what the api is given, completed by a timeline writer elsewhere', { timeout: 300_000 }, async () => {
    const [api, writer] = [await start('api'), await start('timeline-writer')];
    await Promise.all([api, writer].map((service) => service.whenReady()));
    const tone = ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=2', '-f', 'wav', 'pipe:1'];
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(await runFfmpegArgs(tone))]), 'ann.wav');
    form.append('file', new Blob(['[00:01] Ann: Hi']), 'chat.txt');
    const headers = { authorization: `Bearer ${apiKey}` };
    const answer = await fetch(`${api.url}/v1/imports`, { method: 'POST', headers, body: form });
    const { recordingId, status } = (await answer.json()) as ImportState;
    expect(['done', 'running']).toContain(status);
    await vi.waitFor(
      async () => {
        const recording = await fetch(`${api.url}/v1/recordings/${recordingId}`, { headers });
        expect(await recording.json()).toMatchObject({ status: 'ready', endReason: 'imported' });
      },
      { timeout: 120_000, interval: 200 },
    );
    const manifest = await fetch(`${api.url}/v1/recordings/${recordingId}/manifest.json`, { headers });
    expect(await manifest.json()).toMatchObject({
      participants: [{ name: 'ann' }],
      tracks: [{ codec: 'audio/opus', media: { mimeType: 'audio/webm; codecs="opus"' } }],
    });
  });

  /** A recording that is ready, as the other services would have left it. */
  async function makeRecording(): Promise<string> {
    const recordingId = newId();
    const source = join(folder, recordingId);
    await writeSyntheticRecording(source, { participants: 1, durationMs: 6000, recordingId });
    for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      await store.put(recordingPrefix(recordingId) + relative(source, path), createReadStream(path));
    }
    await database.pool.query(
      `INSERT INTO recordings ("recordingId", "roomId", "status", "recordedAt", "endedAtMs", "endReason")
       VALUES ($1, 'lobby', 'ready', 0, 6000, 'stopped')`,
      [recordingId],
    );
    return recordingId;
  }
});
