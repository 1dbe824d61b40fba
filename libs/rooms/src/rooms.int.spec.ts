import type { types as mediasoup } from 'mediasoup';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { newId, TokenService } from '@rushes/platform';
import { whiteboardPlugin } from '../../whiteboard/src/index.ts';
import { PageClient, rtpParametersOf } from './testing/page-client.ts';
import { startRooms, type RunningRooms } from './testing/start-rooms.ts';

let rooms: RunningRooms;
const clients: PageClient[] = [];

beforeAll(async () => {
  rooms = await startRooms({ plugins: [whiteboardPlugin], emptyRoomMs: 200, maxMembers: 4 });
});
afterAll(() => rooms.close());
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.drop()));
});

async function connect(roomId: string, participantId: string, role: 'host' | 'guest' = 'guest'): Promise<PageClient> {
  const client = await PageClient.connect(rooms.url, await rooms.issue({ roomId, participantId, role }));
  clients.push(client);
  return client;
}

async function enter(roomId: string, participantId: string, role: 'host' | 'guest' = 'guest'): Promise<PageClient> {
  const client = await connect(roomId, participantId, role);
  await client.request('join', { name: participantId.toUpperCase() });
  return client;
}

/** Matches a text that has `part` in it. */
function containing(part: string): string {
  return expect.stringContaining(part) as string;
}

/** HTTP status with which an upgrade is refused. */
function upgradeStatus(token: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${rooms.url.replace('http', 'ws')}/v1/rooms?token=${token}`);
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    socket.on('open', () => resolve(101));
    socket.on('error', () => undefined);
  });
}

describe('connecting', () => {
  it('refuses a token that is not ours, and one that is for something else', async () => {
    expect(await upgradeStatus('nonsense')).toBe(401);
    const viewer = await rooms.app.get(TokenService).issue({ scope: 'viewer', canExport: false }, 60);
    expect(await upgradeStatus(viewer)).toBe(403);
  });

  it('says who the token is for before anybody joins', async () => {
    const page = await connect(newId(), 'ada', 'host');
    expect(await page.when('welcome')).toMatchObject({ participantId: 'ada', role: 'host', peopleCount: 0 });
  });
});

describe('what a page may send', () => {
  it('answers every malformed frame and goes on', async () => {
    const page = await connect(newId(), 'ada');
    page.socket.send('{"id":1,');
    page.socket.send(Buffer.from([1, 2, 3]));
    page.socket.send('[]');
    expect((await page.when('error')).message).toContain('expected JSON');
    expect(await page.refusalOf('dance', {})).toMatchObject({
      code: 'input-invalid',
      message: containing('request.method'),
    });
    expect(await page.refusalOf('produce', {})).toMatchObject({
      code: 'input-invalid',
      message: containing('data.transportId'),
    });
    expect(await page.refusalOf('createTransport', { direction: 'up' })).toMatchObject({
      message: containing('data.direction'),
    });
    expect(await page.refusalOf('leave', {})).toMatchObject({ code: 'not-joined' });
    expect(await page.request('join', { name: 'Ada' })).toMatchObject({ name: 'Ada', recording: null });
    expect(await page.refusalOf('join', { name: 'Ada' })).toMatchObject({ code: 'already-joined' });
  });

  it('names the media parameters that mediasoup does not take', async () => {
    const page = await enter(newId(), 'ada');
    const { transportId } = await page.request('createTransport', { direction: 'send' });
    const rtpParameters = { codecs: [{ mimeType: 'video/theora', payloadType: 96, clockRate: 90_000 }] };
    const refusal = await page.refusalOf('produce', { transportId, kind: 'video', source: 'camera', rtpParameters });
    expect(refusal.code).toBe('media-invalid');
    expect(
      await page.refusalOf('connectTransport', { transportId, dtlsParameters: { fingerprints: [{}] } }),
    ).toMatchObject({
      code: 'media-invalid',
    });
  });

  it('slows down a page that asks too much, and answers it again afterwards', async () => {
    const page = await enter(newId(), 'ada');
    const answers = await Promise.all(
      Array.from({ length: 400 }, (_, index) => page.send({ id: 10_000 + index, method: 'readState' })),
    );
    expect(answers.some((frame) => 'error' in frame && frame.error.code === 'too-many-requests')).toBe(true);
    expect(answers.filter((frame) => 'ok' in frame).length).toBeGreaterThan(200);
  });
});

describe('people', () => {
  it('shows each who else is there', async () => {
    const room = newId();
    const ada = await enter(room, 'ada');
    const bob = await connect(room, 'bob');
    expect((await bob.when('welcome')).peopleCount).toBe(1);
    const { state } = await bob.request('join', { name: 'Bob' });
    expect(Object.values(state.participants).map(({ name }) => name)).toEqual(['ADA', 'Bob']);
    expect(await ada.whenTimeline('rushes.participant.joined.v1')).toMatchObject({ participantId: 'bob' });
  });

  it('refuses more people than the room holds', async () => {
    const room = newId();
    for (const name of ['a', 'b', 'c', 'd']) await enter(room, name);
    const fifth = await connect(room, 'e');
    expect(await fifth.refusalOf('join', { name: 'E' })).toMatchObject({ code: 'room-full' });
  });

  it('lets somebody whose socket was lost come back as a new presence, with nothing of the old one left', async () => {
    const room = newId();
    const ada = await enter(room, 'ada');
    const bob = await enter(room, 'bob');
    const lost = await bob.produce('camera', 1001);
    await bob.request('sendEvent', { type: 'rushes.hand.raised.v1', data: {} });
    await bob.drop();
    await ada.whenTimeline('rushes.track.ended.v1');
    expect(await ada.whenTimeline('rushes.participant.left.v1')).toMatchObject({ data: { reason: 'connection-lost' } });

    const again = await connect(room, 'bob');
    const { state } = await again.request('join', { name: 'Bob' });
    const presences = state.participants.bob?.presences ?? [];
    expect(presences.map((presence) => presence.leftAtMs === null)).toEqual([false, true]);
    expect(presences[0]?.presenceId).not.toBe(presences[1]?.presenceId);
    expect(state.tracks[lost]?.endedAtMs).not.toBeNull();
    expect(state.hands).toEqual([]);
  });

  it('puts out the older page of a participant who joins from another', async () => {
    const room = newId();
    const first = await enter(room, 'ada');
    await enter(room, 'ada');
    expect(await first.when('closing')).toEqual({ reason: 'replaced' });
    await first.whenClosed();
  });

  it('lets only the host end the meeting for everybody', async () => {
    const room = newId();
    const host = await enter(room, 'ada', 'host');
    const guest = await enter(room, 'bob');
    for (const method of ['endRoom', 'startRecording', 'stopRecording']) {
      expect(await guest.refusalOf(method, {})).toMatchObject({ code: 'not-allowed' });
    }
    host.socket.send(JSON.stringify({ id: 99, method: 'endRoom' }));
    expect(await guest.when('closing')).toEqual({ reason: 'room-ended' });
    expect(await host.when('closing')).toEqual({ reason: 'room-ended' });
  });
});

describe('tracks', () => {
  it('lets others receive a track, and tells them when it pauses, goes on and ends', async () => {
    const room = newId();
    const ada = await enter(room, 'ada');
    const bob = await connect(room, 'bob');
    const { routerRtpCapabilities } = await bob.request('join', { name: 'Bob' });
    // VP8 is what browsers choose; and whoever sends turned pictures turns them first.
    const { codecs, headerExtensions } = routerRtpCapabilities as unknown as mediasoup.RtpCapabilities;
    const videoCodecs = codecs!.map(({ mimeType }) => mimeType).filter((mimeType) => /video.(?!rtx)/.test(mimeType));
    expect(videoCodecs).toEqual(['video/VP8', 'video/VP9', 'video/H264', 'video/AV1']);
    expect(headerExtensions!.map(({ uri }) => uri)).not.toContain('urn:3gpp:video-orientation');
    const trackId = await ada.produce('microphone', 2001);
    expect(await bob.whenTimeline('rushes.track.started.v1')).toMatchObject({
      participantId: 'ada',
      data: { trackId, kind: 'audio', source: 'microphone', codec: 'audio/opus' },
    });
    expect(await bob.refusalOf('consume', { trackId })).toMatchObject({ code: 'not-found' });
    await bob.request('createTransport', { direction: 'receive', rtpCapabilities: routerRtpCapabilities });
    const consumer = await bob.request('consume', { trackId });
    expect(consumer).toMatchObject({ trackId, kind: 'audio' });
    await bob.request('resumeConsumer', { consumerId: consumer.consumerId });

    await ada.request('pauseProducer', { trackId, reason: 'muted' });
    expect(await bob.whenTimeline('rushes.track.paused.v1')).toMatchObject({ data: { trackId, reason: 'muted' } });
    await ada.request('resumeProducer', { trackId });
    await bob.whenTimeline('rushes.track.resumed.v1');
    await ada.request('closeProducer', { trackId });
    await bob.whenTimeline('rushes.track.ended.v1');
    expect(await bob.when('consumer-closed')).toEqual({ consumerId: consumer.consumerId, trackId });
  });

  it('opens one track a source, and a new track when the source is opened again', async () => {
    const page = await enter(newId(), 'ada');
    const first = await page.produce('camera', 3001);
    const { transportId } = await page.request('createTransport', { direction: 'send' });
    // The former transport took the former track with it.
    await page.whenTimeline('rushes.track.ended.v1');
    const camera = { transportId, source: 'camera' as const, ...rtpParametersOf('camera', 3002) };
    const { trackId } = await page.request('produce', camera);
    expect(trackId).not.toBe(first);
    const second = { ...camera, ...rtpParametersOf('camera', 3003) };
    expect(await page.refusalOf('produce', second)).toMatchObject({ code: 'source-taken' });
  });

  it("refuses to touch somebody else's track, or one of another room", async () => {
    const ada = await enter(newId(), 'ada');
    const trackId = await ada.produce('camera', 4001);
    const stranger = await connect(newId(), 'eve');
    const { routerRtpCapabilities } = await stranger.request('join', { name: 'Eve' });
    await stranger.request('createTransport', { direction: 'receive', rtpCapabilities: routerRtpCapabilities });
    expect(await stranger.refusalOf('consume', { trackId })).toMatchObject({ code: 'not-found' });
    expect(await stranger.refusalOf('closeProducer', { trackId })).toMatchObject({ code: 'not-found' });
    expect(stranger.timeline().filter(({ participantId }) => participantId === 'ada')).toEqual([]);
  });

  it('announces a shared screen', async () => {
    const room = newId();
    const ada = await enter(room, 'ada');
    const bob = await enter(room, 'bob');
    const trackId = await ada.produce('screen', 5001);
    expect(await bob.whenTimeline('rushes.screen.share-started.v1')).toMatchObject({ data: { trackId } });
    await ada.request('closeProducer', { trackId });
    await bob.whenTimeline('rushes.screen.share-stopped.v1');
  });
});

describe('events that pages send', () => {
  const stroke = { strokeId: 's1', color: '#1971c2', width: 0.004, points: [[0.1, 0.2]] };

  it('relays them to the others, stamped with their sender, and keeps them for those who come late', async () => {
    const room = newId();
    const ada = await enter(room, 'ada');
    const bob = await enter(room, 'bob');
    const chat = { messageId: 'm1', text: 'Hello', participantId: 'bob' };
    await ada.request('sendEvent', { type: 'rushes.chat.message-sent.v1', data: chat });
    await ada.request('sendEvent', { type: 'rushes.plugin.whiteboard.stroke-drawn.v1', data: stroke });
    expect(await bob.whenTimeline('rushes.chat.message-sent.v1')).toMatchObject({ participantId: 'ada' });
    await bob.whenTimeline('rushes.plugin.whiteboard.stroke-drawn.v1');
    expect(ada.timeline().map(({ type }) => type)).not.toContain('rushes.chat.message-sent.v1');

    const { state } = await (await connect(room, 'eve')).request('join', { name: 'Eve' });
    expect(state.chat).toMatchObject([{ messageId: 'm1', participantId: 'ada', text: 'Hello' }]);
    expect(state.plugins.whiteboard).toMatchObject({ strokes: [{ strokeId: 's1', participantId: 'ada' }] });
  });

  it('refuses what is not a page’s to say, naming what is wrong', async () => {
    const page = await enter(newId(), 'ada');
    const refusal = (type: string, data: unknown) => page.refusalOf('sendEvent', { type, data });
    expect(await refusal('rushes.participant.left.v1', { presenceId: 'x' })).toMatchObject({ code: 'not-allowed' });
    expect(await refusal('rushes.nonsense.said.v1', {})).toMatchObject({ message: containing('not in the catalogue') });
    expect(await refusal('rushes.chat.message-sent.v1', { messageId: 'm1', text: '' })).toMatchObject({
      code: 'input-invalid',
      message: containing('data.text'),
    });
    expect(await refusal('rushes.plugin.dice.rolled.v1', {})).toMatchObject({
      code: 'not-allowed',
      message: containing('dice'),
    });
    expect(await refusal('rushes.recording.marked.v1', { label: 'here' })).toMatchObject({ code: 'not-recording' });
  });

  it('keeps polls honest: known ids, open polls, one answer, closed by who may', async () => {
    const room = newId();
    const ada = await enter(room, 'ada');
    const bob = await enter(room, 'bob');
    const options = [
      { optionId: 'o1', text: 'Pizza' },
      { optionId: 'o2', text: 'Soup' },
    ];
    const open = { type: 'rushes.poll.opened.v2', data: { pollId: 'p1', question: 'Lunch?', options } };
    await ada.request('sendEvent', open);
    expect(await bob.refusalOf('sendEvent', open)).toMatchObject({
      code: 'id-taken',
      message: containing('data.pollId'),
    });
    const vote = (optionIds: string[], pollId = 'p1') => ({
      type: 'rushes.poll.voted.v1',
      data: { pollId, optionIds },
    });
    expect(await bob.refusalOf('sendEvent', vote(['o9']))).toMatchObject({ code: 'not-found' });
    expect(await bob.refusalOf('sendEvent', vote(['o1'], 'p9'))).toMatchObject({ code: 'not-found' });
    expect(await bob.refusalOf('sendEvent', vote(['o1', 'o2']))).toMatchObject({ code: 'input-invalid' });
    await bob.request('sendEvent', vote(['o2']));
    const close = { type: 'rushes.poll.closed.v1', data: { pollId: 'p1' } };
    expect(await bob.refusalOf('sendEvent', close)).toMatchObject({ code: 'not-allowed' });
    await ada.request('sendEvent', close);
    expect(await bob.refusalOf('sendEvent', vote(['o1']))).toMatchObject({ code: 'poll-closed' });
  });
});
