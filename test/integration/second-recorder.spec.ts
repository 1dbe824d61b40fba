import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, RecordingLifecycle } from '@rushes/platform';
import { startTestApplication } from '@rushes/platform/testing';
import { RecorderModule } from '@rushes/recorder';
import { RoomsModule } from '@rushes/rooms';
import { expect, it } from 'vitest';
import { describeWith, postgresUrl } from '../fixtures/services.ts';

describeWith('postgres', 'a second recorder in the folder of one that lives', () => {
  it('is refused, and ends nothing of the first one', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'rushes-second-'));
    const env = { RUSHES_DATABASE_URL: await postgresUrl(), RUSHES_DATA_DIR: dataDir };
    const start = () => startTestApplication([RoomsModule.forRoot({}), RecorderModule], env);
    const first = await start();
    const lifecycle = first.app.get(RecordingLifecycle);
    const { recordingId } = await lifecycle.start({ roomId: newId(), holderId: lifecycle.holderId });
    await expect(start()).rejects.toThrow('RUSHES_DATA_DIR');
    expect(await readFile(join(dataDir, 'recorder-holder'), 'utf8')).toBe(lifecycle.holderId);
    expect(await lifecycle.isRunning(recordingId)).toBe(true);
    await first.close();
    await rm(dataDir, { recursive: true });
  });
});
