import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { AnalyticsModule } from '@rushes/analytics';
import { Database } from '@rushes/database';
import { ExportsApiModule } from '@rushes/exports';
import { EventPublishers, HOLDER_ID, newId, RecordingLifecycle } from '@rushes/platform';
import { startTestApplication, type TestApplication } from '@rushes/platform/testing';
import { RecordingsModule } from '@rushes/recordings';
import { startServices, type PostgresServer, type RunningServices } from '../../scripts/services/index.ts';
import { outageOf, watchRejections, type Outage } from '../fixtures/outage.ts';
import { describeWith } from '../fixtures/services.ts';

/** Longer than a holder may be silent (15 s), so that whoever judges by silence alone would judge wrongly. */
const outageMs = 25_000;

describeWith('postgres', 'PostgreSQL away for a while', () => {
  let services: RunningServices;
  let server: PostgresServer;
  let app: TestApplication;
  let outage: Outage;
  const unhandled = watchRejections();

  beforeAll(async () => {
    services = await startServices({ only: ['postgres'] });
    server = services.postgres!;
    app = await startTestApplication([RecordingsModule, ExportsApiModule, AnalyticsModule], {
      RUSHES_DATABASE_URL: server.url,
    });
    outage = outageOf(app);
  });
  afterAll(async () => {
    await app.close();
    await services.stop();
    unhandled.end();
  });

  const ask: Outage['ask'] = (path, init) => outage.ask(path, init);

  it(
    'answers 503, ends nothing, keeps its own events in order, and goes on by itself',
    { timeout: 120_000 },
    async () => {
      const lifecycle = app.app.get(RecordingLifecycle);
      const holderId = app.app.get<string>(HOLDER_ID);
      const publishers = app.app.get(EventPublishers);
      const publisher = publishers.create('rooms');
      const { recordingId } = await lifecycle.start({ roomId: newId(), holderId });
      const mark = (n: number) => outage.mark(publisher, recordingId, n);
      await mark(0);

      await server.stop();
      const stoppedAt = performance.now();
      const waiting = [1, 2, 3, 4, 5].map((n) => mark(n));
      for (const [path, init] of [
        ['/v1/recordings', {}],
        [`/v1/recordings/${recordingId}`, {}],
        [`/v1/recordings/${recordingId}/exports`, {}],
        [`/v1/recordings/${recordingId}/event-counts`, {}],
        ['/v1/recordings', { method: 'POST', body: JSON.stringify({ roomId: 'other', external: true }) }],
        [`/v1/recordings/${recordingId}/stop`, { method: 'POST' }],
      ] as const) {
        const { status, retryAfter, body } = await ask(path, init);
        expect({ path, status, body }).toMatchObject({ status: 503, body: { code: 'temporarily-unavailable' } });
        expect(Number(retryAfter)).toBeGreaterThan(0);
      }
      expect((await ask('/health/live')).status).toBe(200);
      expect(await ask('/health/ready')).toMatchObject({ status: 503, body: { checks: { database: 'failing' } } });
      expect(publishers.waitingEvents).toBe(5);

      // The fact that is waited for is time itself: longer than a silent holder is believed in.
      await pause(outageMs - (performance.now() - stoppedAt));
      await server.start();

      await vi.waitFor(async () => expect((await ask('/health/ready')).status).toBe(200), { timeout: 20_000 });
      await Promise.all(waiting);
      await mark(6);
      const heldUntil = async () => {
        const { rows } = await app.app
          .get(Database)
          .pool.query<{ heldUntil: number }>('SELECT "heldUntil" FROM recordings WHERE "recordingId" = $1', [
            recordingId,
          ]);
        return rows[0]!.heldUntil;
      };
      const before = await heldUntil();
      await vi.waitFor(async () => expect(await heldUntil()).toBeGreaterThan(before), { timeout: 10_000 });
      expect(await ask(`/v1/recordings/${recordingId}`)).toMatchObject({ status: 200, body: { status: 'recording' } });

      expect(await outage.readMarks(publisher)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6']);
      expect(await ask(`/v1/recordings/${recordingId}/stop`, { method: 'POST' })).toMatchObject({
        status: 200,
        body: { status: 'processing', endReason: 'stopped' },
      });
      expect(unhandled.seen).toEqual([]);
    },
  );
});
