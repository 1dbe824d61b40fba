import { setTimeout as delay } from 'node:timers/promises';
import { Database } from '@rushes/database';
import { externalHolderId, newId, RecordingLifecycle } from '@rushes/platform';
import { startTestApplication, testApiKey } from '@rushes/platform/testing';
import type { TestApplication } from '@rushes/platform/testing';
import type { types as mediasoup } from 'mediasoup';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openSeverableProxy } from '../../../../test/fixtures/severable-proxy.ts';
import type { SeverableProxy } from '../../../../test/fixtures/severable-proxy.ts';
import { createRecorder } from '../client/index.ts';
import type { ProducerRecording, Recorder } from '../client/index.ts';
import { RecorderModule } from '../recorder.module.ts';
import { RecorderService } from '../recorder.service.ts';
import { storedNumbers, whenDerived, whenSpooled } from '../testing/fed-track-states.ts';
import { openFeedSocket } from '../testing/feed-socket.ts';
import { openPacedMicrophone } from '../testing/paced-microphone.ts';
import { openRouter } from '../testing/open-router.ts';
import { TrackRows } from '../track/track-rows.ts';
import { FeedIntake } from './feed-intake.ts';

let app: TestApplication;
let proxy: SeverableProxy;
let sfu: { router: mediasoup.Router; close: () => void };
let recorder: Recorder;
const problems: Error[] = [];

beforeAll(async () => {
  sfu = await openRouter();
  app = await startTestApplication([RecorderModule]);
  app.app.get(FeedIntake).lostAfterMs = 1500;
  proxy = await openSeverableProxy(Number(new URL(app.url).port));
  recorder = await createRecorder({
    apiUrl: `http://127.0.0.1:${proxy.port}`,
    apiKey: testApiKey,
    onProblem: (error) => problems.push(error),
  });
}, 60_000);
afterAll(async () => {
  await recorder.close(0);
  await proxy.close();
  await app.close();
  sfu.close();
});

async function startRecording(): Promise<string> {
  const { recordingId } = await app.app.get(RecordingLifecycle).start({ roomId: newId(), holderId: externalHolderId });
  return recordingId;
}

async function openTrack(
  recordingId: string,
  onEnded?: (error?: Error) => void,
): Promise<{ recording: ProducerRecording; producer: mediasoup.Producer }> {
  const producer = await openPacedMicrophone(sfu.router);
  const options = { recordingId, participantId: 'ann', source: 'microphone' as const, trackId: newId() };
  const recording = await recorder.recordProducer(sfu.router, producer, {
    ...options,
    ...(onEnded ? { onEnded } : {}),
  });
  return { recording, producer };
}

describe('a track that another process delivers', () => {
  it('has every packet once and in order, over a lost connection too', async () => {
    const recordingId = await startRecording();
    const { recording, producer } = await openTrack(recordingId);
    const { trackId } = recording;
    await delay(800);
    proxy.sever();
    await delay(600);
    proxy.restore();
    await delay(1200);
    expect(await recording.close()).toBe(true);
    producer.close();
    expect(recording.trackId).toBe(trackId);
    await whenDerived(app, { recordingId, trackId });
    const numbers = await storedNumbers(app, { recordingId, trackId });
    expect(numbers.length).toBeGreaterThan(100);
    expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index));
    const row = await new TrackRows(app.app.get(Database)).find({ recordingId, trackId });
    expect(row?.gaps).toEqual([]);
    expect(row!.endMs! - row!.startMs).toBeGreaterThan(2400);
    expect(problems.splice(0).every(({ name }) => name === 'RecorderError')).toBe(true);
  });

  it('goes on as another track when the recorder has given it up, and no packet is lost between the two', async () => {
    const recordingId = await startRecording();
    const { recording, producer } = await openTrack(recordingId);
    const first = recording.trackId;
    await delay(500);
    proxy.sever();
    await whenDerived(app, { recordingId, trackId: first });
    proxy.restore();
    await vi.waitFor(() => expect(recording.trackId).not.toBe(first), 20_000);
    await delay(500);
    expect(await recording.close()).toBe(true);
    producer.close();
    await whenDerived(app, { recordingId, trackId: recording.trackId });
    const [before, after] = [
      await storedNumbers(app, { recordingId, trackId: first }),
      await storedNumbers(app, { recordingId, trackId: recording.trackId }),
    ];
    const all = [...new Set([...before, ...after])];
    expect(all).toEqual(all.map((_, index) => before[0]! + index));
  });

  it('is closed where its packets end when its process is gone for good', async () => {
    const recordingId = await startRecording();
    const { recording, producer } = await openTrack(recordingId);
    await delay(600);
    proxy.sever();
    const severedAt = Date.now();
    await whenDerived(app, { recordingId, trackId: recording.trackId });
    producer.close();
    const rows = new TrackRows(app.app.get(Database));
    const row = await rows.find({ recordingId, trackId: recording.trackId });
    const { recordedAt } = await rows.findRecording(recordingId);
    expect(row!.endMs).toBeLessThan(severedAt + 100 - recordedAt);
    expect(await recording.close(100)).toBe(false);
    proxy.restore();
  });

  it('ends with its recording, and its process is told', async () => {
    const recordingId = await startRecording();
    const onEnded = vi.fn();
    const { recording, producer } = await openTrack(recordingId, onEnded);
    await delay(300);
    await app.app.get(RecordingLifecycle).end(recordingId, 'stopped');
    await vi.waitFor(() => expect(onEnded).toHaveBeenCalledWith(undefined), 10_000);
    await recording.whenClosed();
    expect(producer.closed).toBe(false);
    producer.close();
    await whenDerived(app, { recordingId, trackId: recording.trackId });
  });

  it('ends, and its process is told why, when its recording ended while the connection was lost', async () => {
    const recordingId = await startRecording();
    const onEnded = vi.fn();
    const { recording, producer } = await openTrack(recordingId, onEnded);
    const untold = await openTrack(recordingId);
    const { trackId } = recording;
    const rows = new TrackRows(app.app.get(Database));
    await whenSpooled(app, { recordingId, trackId });
    await whenSpooled(app, { recordingId, trackId: untold.recording.trackId });
    proxy.sever();
    await app.app.get(RecordingLifecycle).end(recordingId, 'stopped');
    await vi.waitFor(
      async () => expect((await rows.find({ recordingId, trackId }))?.status).toMatch(/spooled|derived/),
      20_000,
    );
    proxy.restore();
    const over = expect.objectContaining({ code: 'recording-over' }) as Error;
    await vi.waitFor(() => expect(onEnded.mock.calls).toEqual([[over]]), 20_000);
    // Who wants to be told of problems alone is told so.
    await vi.waitFor(() => expect(problems).toContainEqual(over), 20_000);
    await Promise.all([recording, untold.recording].map((each) => each.whenSettled()));
    producer.close();
    untold.producer.close();
  });

  it('is delivered after an outage in which its producer ended, and its process waits for that', async () => {
    const recordingId = await startRecording();
    const { apiUrl, apiKey } = { apiUrl: `http://127.0.0.1:${proxy.port}`, apiKey: testApiKey };
    const leaving = await createRecorder({ apiUrl, apiKey, onProblem: () => undefined });
    const producer = await openPacedMicrophone(sfu.router);
    const about = { recordingId, participantId: 'ann', source: 'microphone' as const };
    const recording = await leaving.recordProducer(sfu.router, producer, about);
    await whenSpooled(app, { recordingId, trackId: recording.trackId });
    proxy.sever();
    producer.close();
    await recording.whenClosed();
    const closing = leaving.close();
    proxy.restore();
    expect(await closing).toBe(true);
    const { trackId } = recording;
    expect(app.app.get(RecorderService).isRunning({ recordingId, trackId })).toBe(false);
    await whenDerived(app, { recordingId, trackId });
  });

  it('is given up within the time that is given, though it ended by itself', async () => {
    const { recording, producer } = await openTrack(await startRecording());
    proxy.sever();
    producer.close();
    await recording.whenClosed();
    expect(await recording.close(50)).toBe(false);
    await recording.whenSettled();
    proxy.restore();
  }, 5_000);

  it('ends with its producer', async () => {
    const recordingId = await startRecording();
    const { recording, producer } = await openTrack(recordingId);
    await delay(300);
    producer.close();
    await whenDerived(app, { recordingId, trackId: recording.trackId });
  });
});

describe('what cannot be recorded is refused with its reason', () => {
  it.each([
    [{ apiKey: 'wrong' }, 'api-key-invalid'],
    [{ apiUrl: '127.0.0.1:7070' }, 'input-invalid'],
    [{ apiKey: undefined as unknown as string }, 'input-invalid'],
    [{ apiUrl: 'http://127.0.0.1:1' }, 'recorder-unreachable'],
  ])('a recorder that is not ours: %o', async (wrong, code) => {
    await expect(createRecorder({ apiUrl: app.url, apiKey: testApiKey, ...wrong })).rejects.toMatchObject({ code });
  });

  it.each([
    [{ recordingId: '../x' }, 'recordingId: expected 1 to 64 letters'],
    [{ participantId: 'ada@example.com' }, 'participantId: expected 1 to 64 letters'],
    [{ participantName: '' }, 'participantName: expected at least 1 character'],
    [{ participantName: 'A'.repeat(101) }, 'participantName: expected at most 100 characters'],
    [{ trackId: 'a b' }, 'trackId: expected 1 to 64 letters'],
    [{ source: 'camera' as const }, 'source: expected microphone or screenAudio for a producer of audio'],
    [{ highestLayer: -1 }, 'highestLayer: expected a layer'],
  ])('an option that is wrong: %o', async (wrong, message) => {
    const producer = await openPacedMicrophone(sfu.router);
    const right = { recordingId: 'r1', participantId: 'ann', source: 'microphone' as const };
    await expect(recorder.recordProducer(sfu.router, producer, { ...right, ...wrong })).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringContaining(message) as string,
    });
    producer.close();
  });

  it('a recording that does not exist or is over, a track that is there already', async () => {
    const recordingId = await startRecording();
    const { recording, producer } = await openTrack(recordingId);
    const record = (wrong: object): Promise<unknown> =>
      recorder.recordProducer(sfu.router, producer, {
        ...{ recordingId, participantId: 'ann', source: 'microphone' },
        ...wrong,
      });
    await expect(record({ recordingId: 'nothing' })).rejects.toMatchObject({ code: 'recording-not-found' });
    await vi.waitFor(() =>
      expect(record({ trackId: recording.trackId })).rejects.toMatchObject({ code: 'track-exists' }),
    );
    await app.app.get(RecordingLifecycle).end(recordingId, 'stopped');
    await expect(record({})).rejects.toMatchObject({ code: 'recording-over' });
    producer.close();
  });

  it.each([
    ['not json', 'JSON'],
    [JSON.stringify({ kind: 'hello' }), 'protocol'],
    [Buffer.from([0, 0, 0, 0, 1, 2, 3]), 'whole packets'],
  ])('a message that nobody understands: %s', async (message, named) => {
    const socket = openFeedSocket(app.url);
    const answer = new Promise<string>((resolve) => socket.on('message', (data: Buffer) => resolve(data.toString())));
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    socket.on('open', () => socket.send(message));
    expect(JSON.parse(await answer)).toMatchObject({
      kind: 'refused',
      code: 'malformed',
      message: expect.stringContaining(named) as string,
    });
    expect(await closed).toBe(4400);
  });
});
