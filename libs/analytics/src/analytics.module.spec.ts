import { afterAll, beforeAll, expect, it } from 'vitest';
import { EventLog, topics } from '@rushes/event-log';
import { wrapEvent } from '@rushes/timeline';
import { newId, RecordingLifecycle, TokenService } from '@rushes/platform';
import { startTestApplication, testApiKey, type TestApplication } from '@rushes/platform/testing';
import { AnalyticsModule } from './analytics.module.ts';
import { EventCounter } from './event-counter.ts';

let app: TestApplication;
beforeAll(async () => {
  app = await startTestApplication([AnalyticsModule]);
}, 60_000);
afterAll(() => app.close());

it('counts what is in the stream by recording and type, once, and shows it to who may see the recording', async () => {
  const lifecycle = app.app.get(RecordingLifecycle);
  const { recordingId } = await lifecycle.start({ roomId: newId(), holderId: lifecycle.holderId });
  const emit = (id: string, seq: number, type: string) =>
    wrapEvent(
      { type, atMs: seq, participantId: 'p1', data: {} },
      { recordingId: id, source: 'participants/p1/c1', seq, nowMs: 0 },
    );
  const hands = [emit(recordingId, 0, 'rushes.hand.raised.v1'), emit(recordingId, 1, 'rushes.hand.lowered.v1')];
  await app.app
    .get(EventLog)
    .append(topics.events, [
      ...hands,
      ...hands,
      emit(recordingId, 2, 'rushes.hand.raised.v1'),
      emit(recordingId, 3, 'rushes.plugin.quiz.asked.v1'),
      emit('removed', 4, 'rushes.hand.raised.v1'),
    ]);
  await app.app.get(EventCounter).whenCaughtUp();

  const path = `/v1/recordings/${recordingId}/event-counts`;
  const token = await app.app.get(TokenService).issue({ scope: 'viewer', recordingId, canExport: false }, 60);
  expect(await (await fetch(`${app.url}${path}?token=${token}`)).json()).toEqual({
    events: [
      { type: 'rushes.hand.lowered.v1', count: 1 },
      { type: 'rushes.hand.raised.v1', count: 2 },
      { type: 'rushes.plugin.quiz.asked.v1', count: 1 },
      { type: 'rushes.recording.started.v1', count: 1 },
    ],
  });
  expect((await fetch(`${app.url}/v1/recordings/other/event-counts?token=${token}`)).status).toBe(403);

  const metrics = await (
    await fetch(`${app.url}/metrics`, { headers: { authorization: `Bearer ${testApiKey}` } })
  ).text();
  expect(metrics).toContain('rushes_events_total{type="rushes.hand.raised.v1"} 2');
  expect(metrics).toContain('rushes_events_total{type="rushes.plugin.*"} 1');
});
