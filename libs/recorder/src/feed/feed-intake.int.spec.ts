import { Database } from '@rushes/database';
import { EventLog, topics } from '@rushes/event-log';
import type { TrackHeader } from '@rushes/media';
import { externalHolderId, LOGGER, newId, RecordingLifecycle } from '@rushes/platform';
import { startTestApplication } from '@rushes/platform/testing';
import type { TestApplication } from '@rushes/platform/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExternalTracks } from '../external/external-tracks.ts';
import { RecorderModule } from '../recorder.module.ts';
import { openFeedSocket } from '../testing/feed-socket.ts';
import { TrackRows } from '../track/track-rows.ts';
import { FeedConnection } from './feed-connection.ts';
import { FeedIntake } from './feed-intake.ts';
import type { FeedReply, FeedRequest } from './feed-protocol.ts';

let app: TestApplication;
let intake: FeedIntake;
let recordingId: string;

beforeAll(async () => {
  app = await startTestApplication([RecorderModule]);
  intake = app.app.get(FeedIntake);
}, 60_000);
afterAll(() => app.close());
beforeEach(async () => {
  const started = await app.app.get(RecordingLifecycle).start({ roomId: newId(), holderId: externalHolderId });
  recordingId = started.recordingId;
});

const headerOf = (trackId: string): TrackHeader => ({
  ...{ kind: 'track', version: 1, trackId, participantId: 'ann', media: 'audio', source: 'microphone' },
  ...{ codec: 'audio/opus', clockRate: 48_000, cname: null, startMs: 0 },
});

it('says that its participant left, though another presence has begun since', async () => {
  const left: unknown[] = [];
  await app.app.get<EventLog>(EventLog).subscribe({
    group: 'spec',
    topics: [topics.events],
    onRecords: async (records) => {
      const events = records.map(({ event }) => event).filter(({ recordingid }) => recordingid === recordingId);
      left.push(...events.filter(({ type }) => type === 'rushes.participant.left.v1').map(({ data }) => data));
    },
  });
  const socket = openFeedSocket(app.url);
  const trackId = newId();
  const send = (request: FeedRequest) => socket.send(JSON.stringify(request));
  const ended = new Promise<FeedReply>((resolve) => {
    socket.on('open', () => send({ kind: 'hello', protocol: 1, recordingId, trackId, isResumed: false }));
    socket.on('message', (message: Buffer) => {
      const reply = JSON.parse(message.toString()) as FeedReply;
      if (reply.kind !== 'welcome') return resolve(reply);
      send({ kind: 'begin', header: headerOf(trackId), presence: { presenceId: 'p1', name: 'Ann', role: 'guest' } });
      send({ kind: 'end', seq: 0, atMs: 100, isGone: true, presenceId: 'p2' });
    });
  });
  expect(await ended).toEqual({ kind: 'ended', reason: 'ended' });
  socket.close();
  await vi.waitFor(() => expect(left).toEqual([{ presenceId: 'p1' }, { presenceId: 'p2' }]), 10_000);
});

describe('a track whose deliverer comes back', () => {
  const openConnection = () => new FeedConnection(openFeedSocket(app.url), intake, app.app.get(LOGGER));

  it('has ended when its end came before the connection was lost', async () => {
    const trackId = newId();
    const recordedAt = await intake.admit({ recordingId, trackId });
    const feed = intake.begin({ recordingId, recordedAt }, headerOf(trackId), null, openConnection());
    void intake.end(feed, 100, []);
    const socket = openFeedSocket(app.url);
    const answer = new Promise<string>((resolve) => socket.on('message', (data: Buffer) => resolve(data.toString())));
    const hello: FeedRequest = { kind: 'hello', protocol: 1, recordingId, trackId, isResumed: true };
    socket.on('open', () => socket.send(JSON.stringify(hello)));
    expect(JSON.parse(await answer)).toEqual({ kind: 'ended', reason: 'ended' });
    socket.close();
  });

  it('is not gone on with while the recorder closes it', async () => {
    const trackId = newId();
    const recordedAt = await intake.admit({ recordingId, trackId });
    const connection = openConnection();
    const feed = intake.begin({ recordingId, recordedAt }, headerOf(trackId), null, connection);
    const ended = app.app.get(ExternalTracks).end(feed, 100);
    await expect(intake.resume({ recordingId, trackId }, connection)).rejects.toMatchObject({ code: 'track-lost' });
    await ended;
  });

  it('is said to be elsewhere while another recorder has it, and lost when none has', async () => {
    const track = { recordingId, trackId: newId() };
    const resume = () => intake.resume(track, openConnection());
    await expect(resume()).rejects.toMatchObject({ code: 'track-lost' });
    const rows = new TrackRows(app.app.get(Database));
    await rows.begin(recordingId, headerOf(track.trackId));
    await expect(resume()).rejects.toMatchObject({ code: 'track-elsewhere' });
    await rows.finish(track, 100);
    await expect(resume()).rejects.toMatchObject({ code: 'track-lost' });
  });
});

it('refuses a track whose source does not fit its medium', async () => {
  const socket = openFeedSocket(app.url);
  const trackId = newId();
  const send = (request: FeedRequest) => socket.send(JSON.stringify(request));
  const refused = new Promise<FeedReply>((resolve) => {
    socket.on('open', () => send({ kind: 'hello', protocol: 1, recordingId, trackId, isResumed: false }));
    socket.on('message', (message: Buffer) => {
      const reply = JSON.parse(message.toString()) as FeedReply;
      if (reply.kind !== 'welcome') return resolve(reply);
      send({ kind: 'begin', header: { ...headerOf(trackId), source: 'camera' }, presence: null });
    });
  });
  expect(await refused).toMatchObject({
    kind: 'refused',
    code: 'malformed',
    message: expect.stringContaining('header.source') as string,
  });
});
