import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topics, EventLog } from '@rushes/event-log';
import { ObjectStore } from '@rushes/object-store';
import { recordingPrefix } from '@rushes/timeline';
import { newId, RecordingLifecycle, RoomDirectory, TokenService } from '@rushes/platform';
import { startTestApplication, testApiKey, type TestApplication } from '@rushes/platform/testing';
import { RecordingsModule } from './recordings.module.ts';
import type { Recording, RecordingList } from './schemas.ts';

let app: TestApplication;
let lifecycle: RecordingLifecycle;

beforeAll(async () => {
  app = await startTestApplication([RecordingsModule]);
  lifecycle = app.app.get(RecordingLifecycle);
}, 60_000);
afterAll(() => app.close());

type Answer<T> = { status: number; headers: Headers; body: T };
type Problem = { code: string; detail: string; errors?: { field: string; expected: string }[] };

async function call<T = Problem>(method: string, path: string, body?: unknown, token = testApiKey): Promise<Answer<T>> {
  const response = await fetch(app.url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? undefined : JSON.parse(text)) as T,
  };
}

const viewerToken = (recordingId?: string) =>
  app.app
    .get(TokenService)
    .issue({ scope: 'viewer', canExport: false, ...(recordingId === undefined ? {} : { recordingId }) }, 60);

/** A recording of a room of its own that has ended. */
async function makeRecording(roomId = newId()): Promise<string> {
  const { recordingId } = await lifecycle.start({ roomId, holderId: lifecycle.holderId });
  await lifecycle.end(recordingId, 'stopped');
  return recordingId;
}

describe('starting and stopping', () => {
  it('starts a recording of a hosted room, once, and stops it, as often as asked', async () => {
    const roomId = newId();
    app.app.get(RoomDirectory).host(roomId, {
      startRecording: ({ title }) => lifecycle.start({ roomId, title, holderId: lifecycle.holderId }),
      onLost: () => undefined,
    });
    const started = await call<Recording>('POST', '/v1/recordings', { roomId, title: 'Weekly' });
    expect(started).toMatchObject({
      status: 201,
      body: { roomId, title: 'Weekly', status: 'recording', durationMs: null },
    });
    const path = `/v1/recordings/${started.body.recordingId}`;
    expect(started.headers.get('location')).toBe(path);
    expect(await call('POST', '/v1/recordings', { roomId, external: true })).toMatchObject({
      status: 409,
      body: { code: 'room-not-external' },
    });
    expect(await call('PUT', `${path}/participants/p1/presences/tab-1`, { name: 'Ada' })).toMatchObject({
      status: 409,
      body: { code: 'recording-not-external' },
    });
    expect(await call('POST', '/v1/recordings', { roomId })).toMatchObject({
      status: 409,
      body: { code: 'already-recording' },
    });

    const stopped = await call<Recording>('POST', `${path}/stop`);
    expect(stopped).toMatchObject({ status: 200, body: { status: 'processing', endReason: 'stopped' } });
    expect((await call('POST', `${path}/stop`)).body).toEqual(stopped.body);
    expect((await call('GET', path)).body).toEqual(stopped.body);
  });

  it('says clearly that nobody is in a room', async () => {
    const answer = await call('POST', '/v1/recordings', { roomId: 'empty' });
    expect(answer).toMatchObject({
      status: 404,
      body: { code: 'room-not-found', detail: expect.stringContaining('"empty"') as string },
    });
  });

  it('starts one for a meeting that is hosted elsewhere', async () => {
    const answer = await call<Recording>('POST', '/v1/recordings', { roomId: newId(), external: true });
    expect(answer).toMatchObject({ status: 201, body: { status: 'recording' } });
    const path = `/v1/recordings/${answer.body.recordingId}`;
    const presence = `${path}/participants/p1/presences/tab-1`;
    expect((await call('PUT', presence, { name: 'Ada', role: 'host' })).status).toBe(204);
    const wrong = await call('PUT', presence, { name: '', role: 'boss' });
    expect(wrong).toMatchObject({ status: 400 });
    expect(wrong.body.errors?.map(({ field }) => field)).toEqual(['body.name', 'body.role']);
    await call('POST', `${path}/stop`);
    expect(await call('DELETE', presence)).toMatchObject({ status: 409, body: { code: 'recording-ended' } });
    expect((await call('DELETE', presence.replace(answer.body.recordingId, 'unknown'))).status).toBe(404);
  });

  it.each([
    [{}, 'body.roomId'],
    [{ roomId: '../etc' }, 'body.roomId'],
    [{ roomId: 'r', title: 7 }, 'body.title'],
    [{ roomId: 'r', external: 'yes' }, 'body.external'],
    [{ roomId: 'r', highestLayer: -1 }, 'body.highestLayer'],
    [{ roomId: 'r', highestLayer: 1.5 }, 'body.highestLayer'],
    [{ roomId: 'r', highestLayer: 1, external: true }, 'body.highestLayer'],
    [{ roomId: 'r', holder: 'x' }, 'body.holder'],
    ['r', 'body'],
  ])('refuses %o and names the field', async (body, field) => {
    const answer = await call('POST', '/v1/recordings', body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.map((error) => error.field)).toEqual([field]);
  });

  it('is for the API key only', async () => {
    const token = await viewerToken();
    for (const path of ['/v1/recordings', '/v1/recordings/x/stop', '/v1/tokens']) {
      expect(await call('POST', path, {}, token)).toMatchObject({ status: 403, body: { code: 'token-scope' } });
    }
    expect((await call('DELETE', '/v1/recordings/x', undefined, token)).status).toBe(403);
  });

  it.each(['GET', 'DELETE'])('answers %s of an unknown recording with 404', async (method) => {
    expect(await call(method, '/v1/recordings/unknown')).toMatchObject({
      status: 404,
      body: { code: 'recording-not-found' },
    });
    expect(await call('POST', '/v1/recordings/unknown/stop')).toMatchObject({ status: 404 });
  });
});

describe('listing', () => {
  it('pages through a room’s recordings, the newest first, without repeating or leaving out any', async () => {
    const roomId = newId();
    const made: string[] = [];
    for (let n = 0; n < 5; n++) made.unshift(await makeRecording(roomId));
    const seen: string[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null && page < 5; page++) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body }: Answer<RecordingList> = await call('GET', `/v1/recordings?roomId=${roomId}&limit=2${query}`);
      seen.push(...body.recordings.map((recording) => recording.recordingId));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(made);
  });

  it('filters by status and time', async () => {
    const roomId = newId();
    const recordingId = await makeRecording(roomId);
    const { recordedAt } = (await call<Recording>('GET', `/v1/recordings/${recordingId}`)).body;
    const count = async (query: string) =>
      (await call<RecordingList>('GET', `/v1/recordings?roomId=${roomId}&${query}`)).body.recordings.length;
    expect(await count('status=processing')).toBe(1);
    expect(await count('status=ready')).toBe(0);
    expect(await count(`recordedFrom=${recordedAt}`)).toBe(1);
    expect(await count(`recordedBefore=${recordedAt}`)).toBe(0);
  });

  it.each([
    ['limit=0', 'query.limit'],
    ['limit=1000', 'query.limit'],
    ['cursor=nonsense', 'query.cursor'],
    ['status=done', 'query.status'],
    ['recordedFrom=yesterday', 'query.recordedFrom'],
    ['limt=3', 'query.limt'],
  ])('refuses ?%s and names the field', async (query, field) => {
    const answer = await call('GET', `/v1/recordings?${query}`);
    expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([400, field]);
  });

  it('shows the holder of a token for one recording that one only', async () => {
    const [mine, other] = [await makeRecording(), await makeRecording()];
    const token = await viewerToken(mine);
    const { body } = await call<RecordingList>('GET', '/v1/recordings', undefined, token);
    expect(body.recordings.map((recording) => recording.recordingId)).toEqual([mine]);
    expect(await call('GET', `/v1/recordings/${other}`, undefined, token)).toMatchObject({
      status: 403,
      body: { code: 'not-allowed' },
    });
  });
});

describe('deleting', () => {
  it('removes objects, rows and events, and leaves other recordings alone', async () => {
    const store = app.app.get(ObjectStore);
    const [recordingId, other] = [await makeRecording(), await makeRecording()];
    for (const id of [recordingId, other]) {
      for (const key of ['manifest.json', 'tracks/t1/media.webm', 'exports/e1/out.mp4']) {
        await store.put(recordingPrefix(id) + key, Buffer.from('x'));
      }
    }
    expect((await call('DELETE', `/v1/recordings/${recordingId}`)).status).toBe(204);
    expect((await call('GET', `/v1/recordings/${recordingId}`)).status).toBe(404);
    expect((await call('DELETE', `/v1/recordings/${recordingId}`)).status).toBe(404);
    expect(await keysOf(recordingId)).toEqual([]);
    expect(await keysOf(other)).toHaveLength(3);
    expect(await loggedRecordings()).not.toContain(recordingId);
    expect(await loggedRecordings()).toContain(other);
  });

  it('refuses while it runs', async () => {
    const { recordingId } = await lifecycle.start({ roomId: newId(), holderId: lifecycle.holderId });
    expect(await call('DELETE', `/v1/recordings/${recordingId}`)).toMatchObject({
      status: 409,
      body: { code: 'recording-running' },
    });
    await lifecycle.end(recordingId, 'stopped');
  });

  async function keysOf(recordingId: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of app.app.get(ObjectStore).list(recordingPrefix(recordingId))) keys.push(key);
    return keys;
  }

  async function loggedRecordings(): Promise<Set<string>> {
    const seen = new Set<string>();
    const subscription = await app.app.get(EventLog).subscribe({
      group: newId(),
      topics: [topics.events],
      onRecords: async (records) => records.forEach(({ event }) => seen.add(event.recordingid)),
    });
    await subscription.whenCaughtUp();
    await subscription.close();
    return seen;
  }
});

describe('tokens', () => {
  it('issues a token of each scope that works and says when it ends', async () => {
    const recordingId = await makeRecording();
    const tokens = app.app.get(TokenService);
    const viewer = await call<{ token: string; expiresAt: number }>('POST', '/v1/tokens', {
      scope: 'viewer',
      recordingId,
      ttlSeconds: 60,
    });
    expect(viewer.status).toBe(201);
    expect(viewer.headers.get('cache-control')).toBe('no-store');
    expect(viewer.body.expiresAt - Date.now()).toBeLessThanOrEqual(60_000);
    expect(await tokens.verify(viewer.body.token, 'viewer')).toEqual({
      scope: 'viewer',
      recordingId,
      canExport: false,
    });

    const meeting = await call<{ token: string; participantId: string }>('POST', '/v1/tokens', {
      scope: 'meeting',
      roomId: 'lobby',
    });
    const { participantId } = meeting.body;
    expect(await tokens.verify(meeting.body.token, 'meeting')).toEqual({
      scope: 'meeting',
      roomId: 'lobby',
      participantId,
      role: 'guest',
    });

    const running = await lifecycle.start({ roomId: newId(), holderId: lifecycle.holderId });
    const capture = await call<{ token: string }>('POST', '/v1/tokens', {
      scope: 'capture',
      recordingId: running.recordingId,
      participantId: 'p1',
    });
    expect(await tokens.verify(capture.body.token, 'capture')).toEqual({
      scope: 'capture',
      recordingId: running.recordingId,
      participantId: 'p1',
    });
  });

  it('issues none for a recording that is not there, for an unknown scope, or for ever', async () => {
    expect(await call('POST', '/v1/tokens', { scope: 'viewer', recordingId: 'unknown' })).toMatchObject({
      status: 404,
    });
    const late = { scope: 'capture', recordingId: await makeRecording(), participantId: 'p1' };
    expect(await call('POST', '/v1/tokens', late)).toMatchObject({ status: 409, body: { code: 'recording-ended' } });
    expect((await call('POST', '/v1/tokens', { scope: 'admin' })).body.errors?.[0]?.field).toBe('body.scope');
    const endless = await call('POST', '/v1/tokens', { scope: 'viewer', ttlSeconds: 1e9 });
    expect(endless.body.errors).toEqual([{ field: 'body.ttlSeconds', expected: 'expected at most 604800 seconds' }]);
  });
});

it('serves its own description', async () => {
  const { body } = await call<{ openapi: string; paths: Record<string, unknown> }>('GET', '/openapi.json');
  expect(body.openapi).toBe('3.1.0');
  expect(Object.keys(body.paths)).toContain('/v1/recordings/{recordingId}/stop');
});
