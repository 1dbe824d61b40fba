import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '@rushes/platform';
import { findFreePorts } from '../../../scripts/services/free-ports.ts';
import { describeWith, postgresUrl } from '../../../test/fixtures/services.ts';
import { PageClient } from './testing/page-client.ts';
import { startRooms, type RunningRooms } from './testing/start-rooms.ts';

describeWith('postgres', 'two recorders on one database', () => {
  let recorders: [RunningRooms, RunningRooms];

  beforeAll(async () => {
    const databaseUrl = await postgresUrl();
    const [one, two] = (await findFreePorts(2)).map((port) => ({
      RUSHES_DATABASE_URL: databaseUrl,
      RUSHES_HTTP_PORT: String(port),
      RUSHES_RECORDER_URL: `http://127.0.0.1:${port}`,
    }));
    recorders = [await startRooms({}, one), await startRooms({}, two)];
  });
  afterAll(() => Promise.all(recorders.map((recorder) => recorder.close())));

  it('have a room in one of them, and send pages there', async () => {
    const [one, two] = recorders;
    const roomId = newId();
    const ada = await PageClient.connect(two.url, await two.issue({ roomId, participantId: 'ada' }));
    await ada.request('join', { name: 'Ada' });
    const token = await one.issue({ roomId, participantId: 'ben' });
    expect(await PageClient.findMoved(one.url, token)).toBe(two.url);
    const ben = await PageClient.connect(two.url, token);
    await ben.request('join', { name: 'Ben' });
    await ada.whenTimeline('rushes.participant.joined.v1', (event) => event.participantId === 'ben');
    await Promise.all([ada.drop(), ben.drop()]);
  });

  it('settle it when two pages arrive at both at once', async () => {
    const roomId = newId();
    const pages = await Promise.all(
      recorders.map(async (recorder, index) =>
        PageClient.connect(recorder.url, await recorder.issue({ roomId, participantId: `p${index}` })),
      ),
    );
    const joined = await Promise.allSettled(pages.map((page) => page.request('join', { name: 'Somebody' })));
    const outcomes = joined.map(({ status }) => status).sort();
    // The later one may have found the room held already when it was welcomed, or be sent on when it joins.
    expect(outcomes).toEqual(['fulfilled', 'rejected']);
    const [refused, accepted] = joined[0]!.status === 'rejected' ? [0, 1] : [1, 0];
    expect(await pages[refused]!.when('moved')).toEqual({ url: recorders[accepted]!.url });
    await Promise.all(pages.map((page) => page.drop()));
  });

  it('go on with the meeting, its board, chat and recording, when the one that had it ends', async () => {
    const [one, two] = recorders;
    const roomId = newId();
    const token = await one.issue({ roomId, participantId: 'ada', role: 'host' });
    const before = await PageClient.connect(one.url, token);
    const { openedAt } = await before.request('join', { name: 'Ada' });
    await before.request('sendEvent', {
      type: 'rushes.chat.message-sent.v1',
      data: { messageId: 'm1', text: 'Still there?' },
    });
    const { recordingId } = await before.request('startRecording', { title: 'Stand-up' });
    await one.close();
    await before.whenClosed();

    const after = await PageClient.connect(two.url, token);
    const joined = await after.request('join', { name: 'Ada' });
    expect(joined.openedAt).toBe(openedAt);
    expect(joined.state.chat).toMatchObject([{ messageId: 'm1', text: 'Still there?' }]);
    expect(joined.state.participants.ada?.presences.map(({ leftAtMs }) => leftAtMs === null)).toEqual([false, true]);
    const recording = joined.recording ?? (await after.when('recording-started'));
    expect(recording).toMatchObject({ continuesRecordingId: recordingId, title: 'Stand-up' });
    await after.drop();
  });
});
