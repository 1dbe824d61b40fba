import { externalHolderId, newId, RecordingLifecycle } from '@rushes/platform';
import { startTestApplication, testApiKey } from '@rushes/platform/testing';
import type { TestApplication } from '@rushes/platform/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith, postgresUrl, s3Env } from '../../../../test/fixtures/services.ts';
import { openSeverableProxy } from '../../../../test/fixtures/severable-proxy.ts';
import { createRecorder } from '../client/index.ts';
import { RecorderModule } from '../recorder.module.ts';
import { storedNumbers, whenDerived, whenSpooled } from '../testing/fed-track-states.ts';
import { openPacedMicrophone } from '../testing/paced-microphone.ts';
import { openRouter } from '../testing/open-router.ts';

describeWith(['postgres', 's3'], 'two recorders behind a balancer', () => {
  let one: TestApplication;
  let two: TestApplication;
  beforeAll(async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...s3 } = await s3Env(newId());
    Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
    // Either may derive what the other has stored.
    const shared = { RUSHES_DATABASE_URL: await postgresUrl(), ...s3 };
    one = await startTestApplication([RecorderModule], shared);
    two = await startTestApplication([RecorderModule], shared);
  });
  afterAll(() => Promise.all([one, two].map((app) => app?.close())));

  it('a deliverer that is led to the other one comes back, and its track is whole', async () => {
    const [portOfOne, portOfTwo] = [one, two].map(({ url }) => Number(new URL(url).port));
    const balancer = await openSeverableProxy(portOfOne!);
    const sfu = await openRouter();
    const problems: Error[] = [];
    const recorder = await createRecorder({
      ...{ apiUrl: `http://127.0.0.1:${balancer.port}`, apiKey: testApiKey },
      onProblem: (error) => problems.push(error),
    });
    const lifecycle = one.app.get(RecordingLifecycle);
    const { recordingId } = await lifecycle.start({ roomId: newId(), holderId: externalHolderId });
    const producer = await openPacedMicrophone(sfu.router);
    const about = { recordingId, participantId: 'ann', source: 'microphone' as const };
    const recording = await recorder.recordProducer(sfu.router, producer, about);
    const { trackId } = recording;
    await whenSpooled(one, { recordingId, trackId });

    balancer.sever();
    balancer.restore(portOfTwo);
    const elsewhere = expect.objectContaining({ code: 'track-elsewhere' }) as Error;
    await vi.waitFor(() => expect(problems).toContainEqual(elsewhere), 10_000);
    balancer.restore(portOfOne);
    expect(await recording.close()).toBe(true);

    expect(recording.trackId).toBe(trackId);
    await whenDerived(one, { recordingId, trackId });
    const numbers = await storedNumbers(one, { recordingId, trackId });
    expect(numbers.length).toBeGreaterThan(10);
    expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index));
    await recorder.close();
    await balancer.close();
    sfu.close();
  });
});
