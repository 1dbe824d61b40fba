import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { applyTopics } from '@rushes/event-log/kafka';
import { ObjectStore } from '@rushes/object-store';
import { EventPublishers, HOLDER_ID, newId, RecordingLifecycle } from '@rushes/platform';
import { startTestApplication, type TestApplication } from '@rushes/platform/testing';
import { RecordingsModule } from '@rushes/recordings';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import { startServices, type RunningServices } from '../../scripts/services/index.ts';
import { outageOf, watchRejections, type Outage } from '../fixtures/outage.ts';
import { describeWith } from '../fixtures/services.ts';

describeWith(['kafka', 's3'], 'Kafka and S3 away for a while', () => {
  let services: RunningServices;
  let app: TestApplication;
  let outage: Outage;
  const unhandled = watchRejections();

  beforeAll(async () => {
    services = await startServices({ only: ['kafka', 's3'] });
    await applyTopics({ connection: { brokers: services.state.kafka!.brokers } });
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...env } = services.env();
    Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
    app = await startTestApplication([RecordingsModule], env);
    outage = outageOf(app);
  });
  afterAll(async () => {
    await app.close();
    await services.stop();
    unhandled.end();
  });

  const ask: Outage['ask'] = (path, init) => outage.ask(path, init);
  const isReady = async () => expect((await ask('/health/ready')).status).toBe(200);

  it(
    'starts no recording while the log is away, and keeps events of those that run, in order',
    { timeout: 300_000 },
    async () => {
      const lifecycle = app.app.get(RecordingLifecycle);
      const publishers = app.app.get(EventPublishers);
      const publisher = publishers.create('rooms');
      const { recordingId } = await lifecycle.start({ roomId: newId(), holderId: app.app.get<string>(HOLDER_ID) });
      const mark = (n: number) => outage.mark(publisher, recordingId, n);
      await mark(0);

      await services.kafka!.stop();
      const waiting = [1, 2, 3].map((n) => mark(n));
      const roomId = newId();
      const start = () => ask('/v1/recordings', { method: 'POST', body: JSON.stringify({ roomId, external: true }) });
      const refused = await start();
      expect(refused).toMatchObject({ status: 503, body: { code: 'temporarily-unavailable' } });
      expect(Number(refused.retryAfter)).toBeGreaterThan(0);
      expect(await ask(`/v1/recordings?roomId=${roomId}`)).toMatchObject({ status: 200, body: { recordings: [] } });
      expect(publishers.waitingEvents).toBeGreaterThanOrEqual(3);
      expect((await ask('/health/ready')).status).toBe(503);

      await services.kafka!.start();
      await vi.waitFor(isReady, { timeout: 90_000 });
      await Promise.all(waiting);
      expect((await start()).status).toBe(201);
      expect(await outage.readMarks(publisher)).toEqual(['m0', 'm1', 'm2', 'm3']);
      expect(unhandled.seen).toEqual([]);
    },
  );

  it('answers 503 for what lies in the store, and all else as ever', { timeout: 180_000 }, async () => {
    const store = app.app.get<ObjectStore>(ObjectStore);
    await store.put(recordingPrefix('r1') + objectKeys.manifest, Buffer.from('{}'), {
      contentType: 'application/json',
    });
    expect((await ask('/v1/recordings/r1/manifest.json')).status).toBe(200);
    await services.s3!.stop();
    expect(await ask('/v1/recordings/r1/manifest.json')).toMatchObject({
      status: 503,
      retryAfter: expect.any(String) as string,
    });
    expect((await ask('/v1/recordings')).status).toBe(200);
    await services.s3!.start();
    await vi.waitFor(isReady, { timeout: 60_000 });
    expect((await ask('/v1/recordings/r1/manifest.json')).status).toBe(200);
    expect(unhandled.seen).toEqual([]);
  });
});
