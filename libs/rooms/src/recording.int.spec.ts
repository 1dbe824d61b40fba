import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EventLog, topics } from '@rushes/event-log';
import { newId, RoomDirectory } from '@rushes/platform';
import type { EventEnvelope, RoomState } from '@rushes/timeline';
import { RoomEvents, type RoomEventMap } from './room-events.ts';
import { PageClient } from './testing/page-client.ts';
import { startRooms, type RunningRooms } from './testing/start-rooms.ts';

let rooms: RunningRooms;
let log: EventEnvelope[];
let whenCaughtUp: () => Promise<void>;
const watchers = new Set<() => void>();
const clients: PageClient[] = [];
const told: { event: keyof RoomEventMap; data: Record<string, unknown> }[] = [];

beforeAll(async () => {
  rooms = await startRooms({ emptyRoomMs: 200 });
  log = [];
  const subscription = await rooms.app.get<EventLog>(EventLog).subscribe({
    group: 'test',
    topics: [topics.events],
    onRecords: async (records) => {
      log.push(...records.map(({ event }) => event));
      for (const watcher of watchers) watcher();
      watchers.clear();
    },
  });
  whenCaughtUp = () => subscription.whenCaughtUp();
  const roomEvents = rooms.app.get<RoomEvents>(RoomEvents);
  for (const event of ['producer-opened', 'producer-closed', 'producer-paused', 'producer-resumed'] as const) {
    roomEvents.on(event, (data: Record<string, unknown>) => told.push({ event, data }));
  }
});
afterAll(() => rooms.close());
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.drop()));
});

async function enter(roomId: string, participantId: string, role: 'host' | 'guest' = 'guest'): Promise<PageClient> {
  const client = await PageClient.connect(rooms.url, await rooms.issue({ roomId, participantId, role }));
  clients.push(client);
  await client.request('join', { name: participantId });
  return client;
}

/** What the log holds of a recording now, each as `type participant`. */
async function recorded(recordingId: string): Promise<EventEnvelope[]> {
  await whenCaughtUp();
  return log.filter((event) => event.recordingid === recordingId);
}

async function whenLogged(recordingId: string, type: string): Promise<EventEnvelope> {
  for (;;) {
    const found = log.find((event) => event.recordingid === recordingId && event.type === type);
    if (found) return found;
    await new Promise<void>((resolve) => watchers.add(resolve));
  }
}

function chat(messageId: string, emittedTo?: string) {
  const data = { messageId, text: messageId };
  return { type: 'rushes.chat.message-sent.v1', data, ...(emittedTo === undefined ? {} : { emittedTo }) };
}

describe('a recording', () => {
  it('tells its host, and nobody else, when the recorder loses media', async () => {
    const room = newId();
    const [host, guest] = [await enter(room, 'ada', 'host'), await enter(room, 'bob')];
    const roomEvents = rooms.app.get<RoomEvents>(RoomEvents);
    roomEvents.emit('media-lost', { reason: 'disk-failing' });
    await host.request('startRecording', {});
    await guest.when('recording-started');
    roomEvents.emit('media-lost', { reason: 'spool-full' });
    roomEvents.emit('media-lost', { reason: null });
    await host.when('recording-media-lost', ({ reason }) => reason === null);
    await guest.request('readState', {});
    const toldTo = ({ notifications }: PageClient) =>
      notifications.filter(({ event }) => event === 'recording-media-lost').map(({ data }) => data);
    expect([toldTo(host), toldTo(guest)]).toEqual([[{ reason: 'spool-full' }, { reason: null }], []]);
  });

  it('tells the recorder which layer of cameras is the highest to record, and says so in the log', async () => {
    const room = newId();
    const host = await enter(room, 'ada', 'host');
    const opened: (number | null)[] = [];
    rooms.app.get<RoomEvents>(RoomEvents).on('producer-opened', ({ roomId, highestLayer }) => {
      if (roomId === room) opened.push(highestLayer);
    });
    await host.produce('camera', 6101);
    expect(await host.refusalOf('startRecording', { highestLayer: -1 })).toMatchObject({ code: 'input-invalid' });
    const { recordingId } = await host.request('startRecording', { highestLayer: 0 });
    expect((await whenLogged(recordingId, 'rushes.recording.started.v1')).data).toMatchObject({ highestLayer: 0 });
    expect(opened).toEqual([0]);
  });

  it('begins in the middle with the state of the room, its people and its tracks', async () => {
    const room = newId();
    const host = await enter(room, 'ada', 'host');
    const guest = await enter(room, 'bob');
    await guest.request('sendEvent', chat('before'));
    const trackId = await guest.produce('camera', 6001);
    const { recordingId } = await host.request('startRecording', { title: 'Stand-up' });

    const grant = await guest.when('recording-started');
    expect(grant).toMatchObject({ recordingId, endpoint: '/v1/capture', title: 'Stand-up', startedBy: 'ada' });
    expect(grant.captureToken).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect((await host.when('recording-started')).captureToken).not.toBe(grant.captureToken);
    const late = await PageClient.connect(rooms.url, await rooms.issue({ roomId: room, participantId: 'eve' }));
    clients.push(late);
    expect((await late.when('welcome')).isRecording).toBe(true);
    expect((await late.request('join', { name: 'Eve' })).recording).toMatchObject({ recordingId });

    const started = await whenLogged(recordingId, 'rushes.recording.started.v1');
    const { initialState } = started.data as { initialState: RoomState };
    expect(initialState.chat.map(({ messageId }) => messageId)).toEqual(['before']);
    const events = await recorded(recordingId);
    const people = events.filter(({ type }) => type === 'rushes.participant.joined.v1');
    expect(people.map(({ participantid, atms }) => [participantid, atms === 0])).toEqual([
      ['ada', true],
      ['bob', true],
      ['eve', false],
    ]);
    expect(events.find(({ type }) => type === 'rushes.track.started.v1')?.data).toMatchObject({ trackId });
    expect(told.filter(({ data }) => data.recordingId === recordingId)).toMatchObject([
      { event: 'producer-opened', data: { trackId, participantId: 'bob', source: 'camera', paused: null } },
    ]);
    expect(await host.refusalOf('startRecording', {})).toMatchObject({ code: 'recording-running' });
  });

  it('records an event from here only when the page has not emitted it to the recording itself', async () => {
    const host = await enter(newId(), 'ada', 'host');
    const { recordingId } = await host.request('startRecording', {});
    await host.request('sendEvent', chat('captured', recordingId));
    await host.request('sendEvent', chat('relayed'));
    await whenLogged(recordingId, 'rushes.chat.message-sent.v1');
    const messages = (await recorded(recordingId)).filter(({ type }) => type === 'rushes.chat.message-sent.v1');
    expect(messages.map(({ data }) => (data as { messageId: string }).messageId)).toEqual(['relayed']);
  });

  it('tells the recorder of tracks that come, pause, go on and go', async () => {
    const host = await enter(newId(), 'ada', 'host');
    const { recordingId } = await host.request('startRecording', {});
    const trackId = await host.produce('microphone', 7001);
    await host.request('pauseProducer', { trackId, reason: 'muted' });
    await host.request('resumeProducer', { trackId });
    await host.request('closeProducer', { trackId });
    const names = told.filter(({ data }) => data.trackId === trackId).map(({ event }) => event);
    expect(names).toEqual(['producer-opened', 'producer-paused', 'producer-resumed', 'producer-closed']);
    await whenLogged(recordingId, 'rushes.track.ended.v1');
    const types = (await recorded(recordingId)).map(({ type }) => type);
    expect(types.filter((type) => type.startsWith('rushes.track.'))).toEqual([
      'rushes.track.started.v1',
      'rushes.track.paused.v1',
      'rushes.track.resumed.v1',
      'rushes.track.ended.v1',
    ]);
  });

  it('stops when the host stops it, and the meeting goes on', async () => {
    const room = newId();
    const host = await enter(room, 'ada', 'host');
    const guest = await enter(room, 'bob');
    const trackId = await guest.produce('camera', 8001);
    const { recordingId } = await host.request('startRecording', {});
    await host.request('stopRecording', {});
    expect(await guest.when('recording-ended')).toEqual({ recordingId, reason: 'stopped' });
    expect((await whenLogged(recordingId, 'rushes.recording.ended.v1')).data).toEqual({ reason: 'stopped' });
    expect(told.at(-1)).toMatchObject({ event: 'producer-closed', data: { recordingId, trackId } });
    expect((await guest.request('readState', {})).state.tracks[trackId]?.endedAtMs).toBeNull();
    expect(await host.refusalOf('stopRecording', {})).toMatchObject({ code: 'not-recording' });
  });

  it('follows another one in the same meeting: the tracks that run on are offered again, to the new one', async () => {
    const host = await enter(newId(), 'ada', 'host');
    const trackId = await host.produce('microphone', 8101);
    const recordingIds: string[] = [];
    for (let round = 0; round < 2; round++) {
      recordingIds.push((await host.request('startRecording', {})).recordingId);
      await host.request('stopRecording', {});
    }
    const [first, second] = recordingIds;
    expect(second).not.toBe(first);
    expect(told.filter(({ data }) => data.trackId === trackId)).toMatchObject([
      { event: 'producer-opened', data: { recordingId: first } },
      { event: 'producer-closed', data: { recordingId: first } },
      { event: 'producer-opened', data: { recordingId: second } },
      { event: 'producer-closed', data: { recordingId: second } },
    ]);
    for (const recordingId of recordingIds) {
      const started = await whenLogged(recordingId, 'rushes.track.started.v1');
      expect(started.data).toMatchObject({ trackId, source: 'microphone' });
    }
  });

  it('ends when everybody has left and nobody came back, its last event being the end', async () => {
    const host = await enter(newId(), 'ada', 'host');
    const { recordingId } = await host.request('startRecording', {});
    await host.produce('camera', 9001);
    await host.drop();
    expect((await whenLogged(recordingId, 'rushes.recording.ended.v1')).data).toEqual({ reason: 'everyone-left' });
    const types = (await recorded(recordingId)).map(({ type }) => type);
    expect(types.slice(-3)).toEqual([
      'rushes.track.ended.v1',
      'rushes.participant.left.v1',
      'rushes.recording.ended.v1',
    ]);
  });

  it('goes on over a reload', async () => {
    const room = newId();
    const host = await enter(room, 'ada', 'host');
    const { recordingId } = await host.request('startRecording', {});
    await host.drop();
    const again = await PageClient.connect(rooms.url, await rooms.issue({ roomId: room, participantId: 'ada' }));
    clients.push(again);
    expect((await again.request('join', { name: 'Ada' })).recording).toMatchObject({ recordingId });
  });

  it('ends with the room', async () => {
    const host = await enter(newId(), 'ada', 'host');
    const { recordingId } = await host.request('startRecording', {});
    host.socket.send(JSON.stringify({ id: 1000, method: 'endRoom' }));
    expect((await whenLogged(recordingId, 'rushes.recording.ended.v1')).data).toEqual({ reason: 'room-ended' });
  });

  it('can be started through the directory, as the API does, with the state of the room', async () => {
    const room = newId();
    const guest = await enter(room, 'bob');
    await guest.request('sendEvent', chat('before'));
    const { recordingId } = await rooms.app.get(RoomDirectory).startRecording(room, { title: 'From outside' });
    expect(await guest.when('recording-started')).toMatchObject({ recordingId, startedBy: null });
    const { data } = await whenLogged(recordingId, 'rushes.recording.started.v1');
    expect((data as { initialState: RoomState }).initialState.chat).toHaveLength(1);
  });
});
