import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ObjectStore } from '@rushes/object-store';
import { RecordingLifecycle, newId, recordingNowMs } from '@rushes/platform';
import { startTestApplication, type TestApplication } from '@rushes/platform/testing';
import { RecorderModule, RecorderService, type RecorderEventMap } from '@rushes/recorder';
import { manifestSchema, objectKeys, recordingPrefix, type Manifest } from '@rushes/timeline';
import { TimelineWriterModule } from '@rushes/timeline-writer';
import { openRouter } from '../../libs/recorder/src/testing/open-router.ts';
import { openPacedMicrophone } from '../../libs/recorder/src/testing/paced-microphone.ts';

let app: TestApplication;
let sfu: Awaited<ReturnType<typeof openRouter>>;
const room = new EventEmitter<RecorderEventMap>();

beforeAll(async () => {
  sfu = await openRouter();
  app = await startTestApplication([RecorderModule, TimelineWriterModule.forRoot({ plugins: [] })]);
  app.app.get(RecorderService).connect(room);
});
afterAll(async () => {
  await app.close();
  sfu.close();
});

async function readManifest(recordingId: string): Promise<Manifest> {
  const bytes = await app.app.get<ObjectStore>(ObjectStore).read(recordingPrefix(recordingId) + objectKeys.manifest);
  return manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

it('gives each recording of a running microphone its own track in its own manifest: start, stop, start, stop', async () => {
  const lifecycle = app.app.get(RecordingLifecycle);
  const producer = await openPacedMicrophone(sfu.router);
  const [roomId, trackId] = [newId(), newId()];
  const recordingIds: string[] = [];
  for (const ms of [1500, 3500]) {
    const { recordingId, recordedAt } = await lifecycle.start({ roomId, holderId: lifecycle.holderId });
    const opened = { router: sfu.router, producer, recordingId, recordedAt, roomId, participantId: 'ann', trackId };
    room.emit('producer-opened', { ...opened, kind: 'audio', source: 'microphone', paused: null });
    // The meeting goes on for a while: what is recorded, not something that is waited for.
    await delay(ms);
    room.emit('producer-closed', { recordingId, trackId, atMs: recordingNowMs(recordedAt) });
    await lifecycle.end(recordingId, 'stopped');
    recordingIds.push(recordingId);
  }
  producer.close();

  const durations: number[] = [];
  for (const recordingId of recordingIds) {
    await vi.waitFor(async () => expect((await readManifest(recordingId)).status).toBe('ready'), 30_000);
    const { tracks } = await readManifest(recordingId);
    expect(tracks).toMatchObject([
      { trackId, participantId: 'ann', media: { key: objectKeys.media(trackId, 'webm') } },
    ]);
    const { key, durationMs, sizeBytes } = tracks[0]!.media!;
    const file = await app.app.get<ObjectStore>(ObjectStore).head(recordingPrefix(recordingId) + key);
    expect(file?.sizeBytes).toBe(sizeBytes);
    durations.push(durationMs);
  }
  expect(durations[0]).toBeLessThan(3000);
  expect(durations[1]).toBeGreaterThan(3000);
});
