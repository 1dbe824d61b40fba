import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnvelope, wrapEvent, type EventEnvelope } from '@rushes/timeline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FilesystemObjectStore } from '../filesystem/index.ts';
import { checkInData, largestDataBytes, resolveData } from './claim-check.ts';

let folder: string;
let store: FilesystemObjectStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-claims-'));
  store = new FilesystemObjectStore(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const wrap = (data: unknown, type = 'rushes.recording.started.v1'): EventEnvelope =>
  wrapEvent({ type, atMs: 0, data }, { recordingId: 'r1', source: 'services/rooms/s1', seq: 0, nowMs: 0 });
const large = { roomId: 'room', recordedAt: 0, initialState: { text: 'ü'.repeat(largestDataBytes / 2) } };

describe('the claim check', () => {
  it('leaves small events as they are', async () => {
    const event = wrap({ roomId: 'room' });
    expect(await checkInData(store, event)).toBe(event);
    expect(await resolveData(store, event)).toBe(event);
  });

  it('keeps data that is exactly as long as allowed, and stores a byte more', async () => {
    const fitting = 'x'.repeat(largestDataBytes - 2);
    expect((await checkInData(store, wrap(fitting))).dataref).toBeUndefined();
    expect((await checkInData(store, wrap(`${fitting}x`))).datasizebytes).toBe(largestDataBytes + 1);
  });

  it('puts large data into the store and gives it back on reading', async () => {
    const event = wrap(large);
    const claimed = await checkInData(store, event);
    expect(claimed.data).toBeUndefined();
    expect(claimed.dataref).toBe(`recordings/r1/timeline/claims/${claimed.datasha256}`);
    expect(JSON.stringify(claimed).length).toBeLessThan(1000);

    const received = parseEnvelope(JSON.parse(JSON.stringify(claimed)));
    expect(await resolveData(store, received)).toEqual(event);
  });

  it('gives the same data the same key', async () => {
    expect(await checkInData(store, wrap(large))).toEqual(await checkInData(store, wrap(large)));
  });

  it('redeems the claims of older page events', async () => {
    const rrwebEvent = { type: 2, timestamp: 5, data: 'x'.repeat(largestDataBytes) };
    const { datasizebytes, datasha256 } = await checkInData(store, wrap(rrwebEvent));
    const claim = { key: `timeline/claims/${datasha256}`, sizeBytes: datasizebytes, sha256: datasha256 };
    const older = wrap({ surface: 'ada', claim, rrwebType: 2 }, 'rushes.dom.recorded.v1');
    expect((await resolveData(store, older)).data).toEqual({ surface: 'ada', event: rrwebEvent });
  });

  it('says what is wrong when the object is gone, damaged, or of another recording', async () => {
    const claimed = await checkInData(store, wrap(large));
    await expect(resolveData(store, { ...claimed, recordingid: 'r2' })).rejects.toMatchObject({
      code: 'claim-invalid',
    });
    await expect(resolveData(store, { ...claimed, datasizebytes: 7 })).rejects.toMatchObject({
      code: 'claim-damaged',
      message: expect.stringContaining('expected 7 bytes') as string,
    });
    await store.put(claimed.dataref!, Buffer.alloc(claimed.datasizebytes!, '7'));
    await expect(resolveData(store, claimed)).rejects.toMatchObject({ code: 'claim-damaged', retriable: false });
    await store.delete([claimed.dataref!]);
    await expect(resolveData(store, claimed)).rejects.toMatchObject({ code: 'claim-missing' });
  });
});
