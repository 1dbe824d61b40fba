import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '@rushes/database';
import { monotonicEpochMs } from '../clock/recording-clock.ts';
import { newId } from '../ids/new-id.ts';
import { RecordingLifecycle } from '../recordings/recording-lifecycle.ts';
import { startTestApplication, type TestApplication } from '../testing/index.ts';
import { RoomDirectory } from './room-directory.ts';
import { RoomRows } from './room-rows.ts';

let app: TestApplication;
let directory: RoomDirectory;
let rows: RoomRows;

beforeAll(async () => {
  app = await startTestApplication([]);
  directory = app.app.get(RoomDirectory);
  rows = new RoomRows(app.app.get(Database));
}, 60_000);
afterAll(() => app.close());

describe('RoomDirectory', () => {
  it('lets the room itself start its recording when it is hosted here', async () => {
    const lifecycle = app.app.get(RecordingLifecycle);
    const roomId = newId();
    await directory.host(roomId, {
      startRecording: ({ title }) =>
        lifecycle.start({ roomId, title: `${title ?? ''}, by the room`, holderId: lifecycle.holderId }),
    });
    expect(await directory.startRecording(roomId, 'Weekly')).toMatchObject({ title: 'Weekly, by the room' });
  });

  it('starts the recording for the process that hosts the room elsewhere', async () => {
    const roomId = newId();
    await rows.put(roomId, 'another-process', monotonicEpochMs() + 10_000);
    expect(await directory.startRecording(roomId)).toMatchObject({ roomId, holderId: 'another-process' });
  });

  it('knows no room that was released, or whose process is silent', async () => {
    const [released, silent] = [newId(), newId()];
    await directory.host(released, { startRecording: () => Promise.reject(new Error('not asked')) });
    await directory.release(released);
    await rows.put(silent, 'dead-process', monotonicEpochMs() - 1);
    for (const roomId of [released, silent, 'never-there']) {
      await expect(directory.startRecording(roomId)).rejects.toMatchObject({ status: 404, code: 'room-not-found' });
    }
  });

  it('does not release a room that another process has taken over', async () => {
    const roomId = newId();
    await directory.host(roomId, { startRecording: () => Promise.reject(new Error('not asked')) });
    await rows.put(roomId, 'another-process', monotonicEpochMs() + 10_000);
    await directory.release(roomId);
    expect(await rows.holderOf(roomId, monotonicEpochMs())).toBe('another-process');
  });
});
