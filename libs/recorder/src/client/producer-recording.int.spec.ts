import { externalHolderId, monotonicEpochMs, newId, RecordingLifecycle } from '@rushes/platform';
import { startTestApplication, testApiKey } from '@rushes/platform/testing';
import { expect, it } from 'vitest';
import { openSeverableProxy } from '../../../../test/fixtures/severable-proxy.ts';
import { recordProducer } from '../record-producer.ts';
import { RecorderModule } from '../recorder.module.ts';
import { openPacedMicrophone } from '../testing/paced-microphone.ts';
import { openRouter } from '../testing/open-router.ts';
import { ProducerRecording } from './producer-recording.ts';
import { RemoteClock } from './remote-clock.ts';
import { TrackFeed } from './track-feed.ts';

it('says that the end of a track is lost when no recorder came back to take it', async () => {
  const app = await startTestApplication([RecorderModule]);
  const proxy = await openSeverableProxy(Number(new URL(app.url).port));
  const sfu = await openRouter();
  const { recordingId } = await app.app.get(RecordingLifecycle).start({ roomId: newId(), holderId: externalHolderId });
  const track = { recordingId, trackId: newId() };
  const problems: Error[] = [];
  const feed = await TrackFeed.open({
    ...{ ...track, apiUrl: `http://127.0.0.1:${proxy.port}`, apiKey: testApiKey, limitBytes: 1_000_000 },
    ...{ clock: new RemoteClock(monotonicEpochMs), presence: null, leavePresence: () => undefined },
    ...{ renewPresence: (lost) => lost, onRenewed: () => undefined, onOver: () => undefined },
    onProblem: (error) => problems.push(error),
  });
  const producer = await openPacedMicrophone(sfu.router);
  const { recordedAt } = feed;
  const about = { ...track, participantId: 'ann', source: 'microphone' as const };
  const tap = await recordProducer(sfu.router, producer, { ...about, spool: feed, recordedAt });
  const recording = new ProducerRecording(producer, tap, feed, 50);
  proxy.sever();
  producer.close();
  await recording.whenSettled();
  const lost = expect.objectContaining({ message: expect.stringContaining(track.trackId) as string }) as Error;
  expect(problems).toContainEqual(lost);
  await proxy.close();
  await app.close();
  sfu.close();
});
