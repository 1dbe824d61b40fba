import { once } from 'node:events';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { AnalyticsModule } from '@rushes/analytics';
import { IngestModule } from '@rushes/ingest';
import { startTestApplication, testApiKey, type TestApplication } from '@rushes/platform/testing';
import { RecordingsModule } from '@rushes/recordings';
import { decodeChunk, type Manifest } from '@rushes/timeline';
import { TimelineWriterModule } from '@rushes/timeline-writer';

let app: TestApplication;
beforeAll(async () => {
  app = await startTestApplication([
    IngestModule.forRoot({ plugins: [] }),
    TimelineWriterModule.forRoot({ plugins: [] }),
    RecordingsModule,
    AnalyticsModule,
  ]);
});
afterAll(() => app.close());

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(app.url + path, {
    method,
    headers: {
      authorization: `Bearer ${testApiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  expect(response.ok, `${method} ${path}: ${response.status} ${text}`).toBe(true);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

it('records a meeting that is held elsewhere: from the first call of its server to the timeline at rest, and its removal', async () => {
  const { recordingId } = await call<{ recordingId: string }>('POST', '/v1/recordings', {
    roomId: 'elsewhere',
    external: true,
  });
  const { token } = await call<{ token: string }>('POST', '/v1/tokens', {
    scope: 'capture',
    recordingId,
    participantId: 'p1',
  });

  const presence = `/v1/recordings/${recordingId}/participants/p1/presences/tab-1`;
  for (let times = 0; times < 2; times++) await call('PUT', presence, { name: 'Ada' });

  const page = new WebSocket(`${app.url.replace('http', 'ws')}/v1/capture?token=${token}`);
  await once(page, 'open');
  const ask = async (request: unknown): Promise<Record<string, unknown>> => {
    const answered = once(page, 'message');
    page.send(JSON.stringify(request));
    return JSON.parse(String((await answered)[0])) as Record<string, unknown>;
  };
  const source = 'participants/p1/c1';
  expect(await ask({ kind: 'hello', protocol: 1, source })).toMatchObject({
    kind: 'welcome',
    recordingId,
    participantId: 'p1',
  });
  const said = { type: 'rushes.chat.message-sent.v1', atMs: 10, data: { messageId: 'm1', text: 'hello' } };
  expect(await ask({ kind: 'batch', batchId: 1, source, events: [{ seq: 0, ...said }] })).toMatchObject({
    kind: 'ack',
    batchId: 1,
  });
  page.close();
  await call('DELETE', presence);

  const path = `/v1/recordings/${recordingId}`;
  await call('POST', `${path}/stop`);
  await vi.waitFor(async () => expect(await call('GET', path)).toMatchObject({ status: 'ready' }), {
    timeout: 30_000,
    interval: 200,
  });

  const manifest = await call<Manifest>('GET', `${path}/manifest.json`);
  expect(manifest).toMatchObject({
    ...{ status: 'ready', roomId: 'elsewhere', endReason: 'stopped' },
    participants: [
      {
        participantId: 'p1',
        name: 'Ada',
        role: 'guest',
        presences: [{ presenceId: 'tab-1', leftAtMs: expect.any(Number) as number }],
      },
    ],
  });
  const { token: viewer } = await call<{ token: string }>('POST', '/v1/tokens', { scope: 'viewer', recordingId });
  const events = [];
  for (const { key } of manifest.timeline.events) {
    const response = await fetch(`${app.viewerUrl}${path}/${key}?token=${viewer}`);
    events.push(...decodeChunk(new Uint8Array(await response.arrayBuffer())).events);
  }
  expect(events).toContainEqual(expect.objectContaining({ ...said, participantId: 'p1' }));
  expect(await call('GET', `${path}/event-counts`)).toEqual({
    events: ['chat.message-sent', 'participant.joined', 'participant.left', 'recording.ended', 'recording.started'].map(
      (type) => ({ type: `rushes.${type}.v1`, count: 1 }),
    ),
  });

  await call('DELETE', path);
  expect((await fetch(`${app.viewerUrl}${path}/manifest.json?token=${viewer}`)).status).toBe(404);
});
