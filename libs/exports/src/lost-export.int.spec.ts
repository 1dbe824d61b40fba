import { Database } from '@rushes/database';
import { newId, RecordingLifecycle } from '@rushes/platform';
import { startTestApplication } from '@rushes/platform/testing';
import { expect, it, vi } from 'vitest';
import { ExportQueue, exportRetryLimit, type ExportJobData } from './export-queue.ts';
import { ExportStore } from './export-store.ts';
import { ExportsModule } from './exports.module.ts';

it('an export whose every worker was killed has failed, and says so', async () => {
  const application = await startTestApplication([ExportsModule]);
  const { app } = application;
  const [{ jobs, pool }, queue, store] = [app.get(Database), app.get(ExportQueue), app.get(ExportStore)];
  const lifecycle = app.get(RecordingLifecycle);
  const { recordingId } = await lifecycle.start({ roomId: newId(), holderId: lifecycle.holderId });
  await lifecycle.end(recordingId, 'stopped');
  await pool.query(`UPDATE recordings SET "status" = 'ready' WHERE "recordingId" = $1`, [recordingId]);
  // From here on this test is the renderer that dies.
  await jobs.offWork(queue.name, { wait: true });
  const request = { perspective: 'room', layout: 'grid', width: 320, height: 180, fps: 10 } as const;
  const exportId = newId();
  await store.insert({ exportId, recordingId, request }, (client) => queue.request(exportId, client));
  for (let tries = 0; tries <= exportRetryLimit; tries++) {
    const job = await vi.waitFor(async () => {
      const [taken] = await jobs.fetch<ExportJobData>(queue.name);
      expect(taken?.data.exportId).toBe(exportId);
      return taken!;
    }, 10_000);
    await store.start(exportId);
    await jobs.fail(queue.name, job.id);
  }
  await vi.waitFor(async () => expect((await store.find(exportId))?.status).toBe('failed'), 20_000);
  expect((await store.find(exportId))?.error).toMatchObject({ code: 'export-failed' });
  await application.close();
});
