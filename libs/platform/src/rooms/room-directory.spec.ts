import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '@rushes/database';
import { newId } from '../ids/new-id.ts';
import { LOGGER, type Logger } from '../logging/logger.ts';
import { holdMs, RecordingLifecycle } from '../recordings/recording-lifecycle.ts';
import { startTestApplication, type TestApplication } from '../testing/index.ts';
import { RecordingRows } from '../recordings/recording-rows.ts';
import { RoomDirectory, type HostedRoom } from './room-directory.ts';
import { RoomRequests } from './room-requests.ts';
import { RoomRows } from './room-rows.ts';

let app: TestApplication;
let directory: RoomDirectory;
let lifecycle: RecordingLifecycle;
let rows: RoomRows;

beforeAll(async () => {
  app = await startTestApplication([]);
  directory = app.app.get(RoomDirectory);
  lifecycle = app.app.get(RecordingLifecycle);
  rows = new RoomRows(app.app.get(Database));
}, 60_000);
afterAll(() => app.close());

const unasked: HostedRoom = {
  startRecording: () => Promise.reject(new Error('not asked')),
  onLost: () => undefined,
};

/** Another process on the same database. */
function otherProcess(holderId: string): RoomDirectory {
  const config = { recorderUrl: `http://${holderId}.test` };
  return new RoomDirectory(app.app.get(Database), config, app.app.get<Logger>(LOGGER), holderId);
}

/** A row as a process leaves it; `heldForMs` may be over. */
async function leave(roomId: string, holderId: string, heldForMs: number): Promise<void> {
  const claim = { roomId, holderId, url: `http://${holderId}.test`, openedAt: 1_790_000_000_000 };
  await rows.claim({ ...claim, holdMs: heldForMs, mayTakeOver: false });
}

describe('claiming a room', () => {
  it('gives it to one process; the others learn where it is', async () => {
    const roomId = newId();
    const processes = ['one', 'two', 'three'].map(otherProcess);
    const claims = await Promise.all(processes.map((each) => each.claim(roomId)));
    const winners = claims.flatMap((claim) => (claim.isHere ? [claim.kept.url] : []));
    expect(winners).toHaveLength(1);
    for (const claim of claims) if (!claim.isHere) expect(claim.url).toBe(winners[0]);
    expect(await directory.findElsewhere(roomId)).toBe(winners[0]);
  });

  it('takes it from a process that is silent, with what it has kept, but not when silence could not be heard', async () => {
    const roomId = newId();
    await leave(roomId, 'silent', -1);
    await rows.keepState(roomId, 'silent', '{"chat":[]}');
    await rows.keepRecording(roomId, 'silent', 'r1');
    expect(await otherProcess('just-started').claim(roomId)).toEqual({ isHere: false, url: 'http://silent.test' });
    const claim = { roomId, holderId: 'heir', url: 'http://heir.test', openedAt: 1, holdMs, mayTakeOver: true };
    expect(await rows.claim(claim)).toEqual({
      roomId,
      holderId: 'heir',
      url: 'http://heir.test',
      openedAt: 1_790_000_000_000,
      recordingId: 'r1',
      state: '{"chat":[]}',
    });
    await rows.keepState(roomId, 'silent', 'too late');
    expect((await rows.find(roomId))?.state).toBe('{"chat":[]}');
  });

  it('does not take it from one that lives', async () => {
    const roomId = newId();
    await leave(roomId, 'alive', 10_000);
    const claim = { roomId, holderId: 'heir', url: 'http://heir.test', openedAt: 1, holdMs, mayTakeOver: true };
    expect((await rows.claim(claim))?.holderId).toBe('alive');
  });

  it('gives it to the first who asks when it was handed back', async () => {
    const roomId = newId();
    await leave(roomId, 'ended', 10_000);
    await directory.handBack('ended');
    expect(await directory.findElsewhere(roomId)).toBeUndefined();
    expect(await otherProcess('heir').claim(roomId)).toMatchObject({ isHere: true, kept: { holderId: 'heir' } });
  });
});

describe('starting a recording', () => {
  it('lets the room itself do it when it is hosted here', async () => {
    const roomId = newId();
    directory.host(roomId, {
      ...unasked,
      startRecording: ({ title }) =>
        lifecycle.start({ roomId, title: `${title ?? ''}, by the room`, holderId: lifecycle.holderId }),
    });
    expect(await directory.startRecording(roomId, { title: 'Weekly' })).toMatchObject({ title: 'Weekly, by the room' });
  });

  it('has the room itself do it also when another process hosts it, and passes on its refusal', async () => {
    const roomId = newId();
    await directory.claim(roomId);
    directory.host(roomId, {
      ...unasked,
      startRecording: (options) => lifecycle.start({ roomId, ...options, holderId: lifecycle.holderId }),
    });
    const api = otherProcess('api');
    const { recordingId } = await api.startRecording(roomId, { title: 'From afar', highestLayer: 0 });
    expect(recordingId).toBeDefined();
    expect(await new RecordingRows(app.app.get(Database)).find(recordingId)).toMatchObject({
      title: 'From afar',
      highestLayer: 0,
      holderId: lifecycle.holderId,
    });
    await expect(api.startRecording(roomId)).rejects.toMatchObject({ status: 409, code: 'already-recording' });
  });

  it('says that it may be tried again when the process of the room does not answer', async () => {
    const requests = new RoomRequests(app.app.get(Database), 300);
    const asked = requests.startRecording(newId(), 'deaf-process');
    await expect(asked).rejects.toMatchObject({ status: 503, code: 'recorder-silent', retriable: true });
  });

  it('knows no room that was released, or whose process is silent', async () => {
    const [released, silent] = [newId(), newId()];
    await directory.claim(released);
    directory.host(released, unasked);
    await directory.release(released, unasked);
    await leave(silent, 'dead-process', -1);
    for (const roomId of [released, silent, 'never-there']) {
      await expect(directory.startRecording(roomId)).rejects.toMatchObject({ status: 404, code: 'room-not-found' });
    }
  });
});

it('is not released by an end that comes late, when it was opened anew meanwhile', async () => {
  const roomId = newId();
  await directory.claim(roomId);
  const [ended, opened] = [{ ...unasked }, { ...unasked }];
  directory.host(roomId, ended);
  directory.host(roomId, opened);
  await directory.release(roomId, ended);
  expect(await rows.findHeld(roomId)).toBeDefined();
  await directory.release(roomId, opened);
  expect(await rows.findHeld(roomId)).toBeUndefined();
});

describe('a room that another process has taken over', () => {
  it('is not released by the former one, which learns that it has lost it', async () => {
    const roomId = newId();
    await directory.claim(roomId);
    const lost = new Promise<void>((resolve) => directory.host(roomId, { ...unasked, onLost: resolve }));
    await rows.handBack(lifecycle.holderId);
    await leave(roomId, 'heir', 10_000);
    await lost;
    await directory.release(roomId, unasked);
    expect(await directory.findElsewhere(roomId)).toBe('http://heir.test');
  });
});
