import { appendFile, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeDump, decodeNotes } from '@rushes/media';
import type { TrackHeader } from '@rushes/media';
import { FilesystemObjectStore } from '@rushes/object-store/filesystem';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recoverSpool } from './recover-spool.ts';
import type { SpoolPiece } from './spool-piece.ts';
import { Spool } from './spool.ts';

const header: TrackHeader = {
  kind: 'track',
  version: 1,
  trackId: 't1',
  participantId: 'ann',
  media: 'audio',
  source: 'microphone',
  codec: 'audio/opus',
  clockRate: 48_000,
  cname: null,
  startMs: 0,
};
const track = { recordingId: 'r1', recordedAt: 1_780_000_000_000, header };
const packetAt = (atMs: number) => ({ kind: 'rtp' as const, atMs, data: new Uint8Array(100).fill(1) });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-spool-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Paths that this process has open. */
async function openFiles(): Promise<string[]> {
  const numbers = await readdir('/proc/self/fd');
  return Promise.all(numbers.map((number) => readlink(join('/proc/self/fd', number)).catch(() => '')));
}

const openStore = () => new FilesystemObjectStore(join(folder, 'objects'));
const recover = () =>
  recoverSpool(join(folder, 'spool'), {
    isRunning: () => false,
    onUnreadable: (path, error) => expect.fail(`${path}: ${String(error)}`),
  });

describe('Spool', () => {
  it('moves pieces of at most 5 s and the notes into the object store, rows after bytes, and frees the disk', async () => {
    const store = openStore();
    const rows: SpoolPiece[] = [];
    const spool = new Spool({
      folder: join(folder, 'spool'),
      store,
      onStored: async (piece, key) => {
        expect(await store.head(`recordings/r1/${key}`)).toBeDefined();
        rows.push(piece);
        return 'kept';
      },
    });
    const open = spool.openTrack(track);
    for (let atMs = 0; atMs < 12_000; atMs += 20) open.append(packetAt(atMs));
    open.note({ kind: 'paused', atMs: 12_000, reason: 'muted' });
    expect(await (await open.close(12_500)).stored).toBe(true);

    rows.sort((a, b) => a.n - b.n);
    expect(rows.map(({ n, firstMs, lastMs, packetCount }) => [n, firstMs, lastMs, packetCount])).toEqual([
      [0, 0, 4980, 250],
      [1, 5000, 9980, 250],
      [2, 10_000, 11_980, 100],
    ]);
    const { notes } = decodeNotes(await store.read('recordings/r1/tracks/t1/notes.ndjson'));
    expect(notes.map(({ kind }) => kind)).toEqual(['paused', 'ended']);
    expect((await readdir(open.path)).filter((name) => name.endsWith('.rtpdump'))).toEqual([]);
    expect(spool.waitingBytes).toBe(0);
  });

  it('keeps pieces on disk while the object store is away, says so, and stores them when it is back', async () => {
    // A file where the store's folder should be: no write can succeed.
    const blocked = join(folder, 'objects');
    await writeFile(blocked, '');
    let failed: () => void;
    const whenFailed = new Promise<void>((resolve) => (failed = resolve));
    const spool = new Spool({ folder: join(folder, 'spool'), store: openStore(), onError: () => failed() });
    const open = spool.openTrack(track);
    open.append(packetAt(0));
    const { stored } = await open.close(100);
    await whenFailed;
    expect(spool.waitingBytes).toBeGreaterThan(100);
    await rm(blocked);
    expect(await stored).toBe(true);
    expect(spool.waitingBytes).toBe(0);
  });

  it('takes no more than its limit, and notes what it could not take', async () => {
    const blocked = join(folder, 'objects');
    await writeFile(blocked, '');
    const spool = new Spool({ folder: join(folder, 'spool'), store: openStore(), limitBytes: 1000 });
    const open = spool.openTrack(track);
    for (let atMs = 0; atMs <= 5000; atMs += 100) open.append(packetAt(atMs));
    await open.whenWritten();
    expect(spool.isFull).toBe(true);
    expect(() => spool.check()).toThrow('the spool is full');
    open.append(packetAt(6000));
    const { stored } = await open.close(7000);
    spool.stop();
    expect(await stored).toBe(false);
    const [leftover] = await recover();
    expect(leftover!.notes.notes[0]).toEqual({ kind: 'lost', atMs: 6000, toMs: 7000, reason: 'spool-full' });
  });

  it('notes what a full disk has lost, says so now and then, leaks no file, and goes on when there is room', async () => {
    const said: unknown[] = [];
    const store = openStore();
    const failing: boolean[] = [];
    const spool = new Spool({
      folder: join(folder, 'spool'),
      store,
      onError: (error) => said.push(error),
      onDiskFailing: (isFailing) => failing.push(isFailing),
    });
    const open = spool.openTrack(track);
    open.append(packetAt(0));
    await open.whenWritten();
    // Where the second piece goes there is no room.
    await symlink('/dev/full', join(open.path, '000001.rtpdump'));
    for (let atMs = 6000; atMs < 7000; atMs += 20) {
      open.append(packetAt(atMs));
      await open.whenWritten();
    }
    expect(said).toMatchObject([{ code: 'ENOSPC' }]);
    expect(() => spool.check()).toThrow('the disk takes nothing');
    expect((await openFiles()).filter((path) => path.includes('/dev/full') || path.startsWith(open.path))).toEqual([]);
    await vi.waitFor(async () => {
      open.append(packetAt(8000));
      await open.whenWritten();
      expect(() => spool.check()).not.toThrow();
    }, 10_000);
    expect(failing).toEqual([true, false]);
    expect(await (await open.close(9000)).stored).toBe(true);
    const { notes } = decodeNotes(await store.read('recordings/r1/tracks/t1/notes.ndjson'));
    expect(notes).toEqual([
      { kind: 'lost', atMs: 6000, toMs: 8000, reason: 'spool-full' },
      { kind: 'ended', atMs: 9000 },
    ]);
    const { packets } = decodeDump(await store.read('recordings/r1/tracks/t1/rtp/000001.rtpdump'));
    expect([...new Set(packets.map(({ atMs }) => atMs))]).toEqual([8000]);
  });

  it('takes nothing after the end of a track, whose folder may be gone', async () => {
    const said: unknown[] = [];
    const spool = new Spool({
      folder: join(folder, 'spool'),
      store: openStore(),
      onError: (error) => said.push(error),
    });
    const open = spool.openTrack(track);
    open.append(packetAt(0));
    expect(await (await open.close(100)).stored).toBe(true);
    await rm(open.path, { recursive: true });
    open.append(packetAt(200));
    open.note({ kind: 'paused', atMs: 200, reason: 'muted' });
    await open.whenWritten();
    expect([open.packetCount, said]).toEqual([1, []]);
    expect(await readdir(join(folder, 'spool', 'r1'))).toEqual([]);
  });

  it('does not wait for files that somebody removed: says so, and stores the others', async () => {
    const said: unknown[] = [];
    const store = openStore();
    const spool = new Spool({ folder: join(folder, 'spool'), store, onError: (error) => said.push(error) });
    const piece = { recordingId: 'r1', trackId: 't1', header, sizeBytes: 10, packetCount: 1, firstMs: 0, lastMs: 0 };
    const gone = [0, 1, 2, 3].map((n) => spool.storePiece({ ...piece, n, path: join(folder, `gone-${n}`) }));
    const there = join(folder, 'there');
    await writeFile(there, 'packets');
    expect(await spool.storePiece({ ...piece, n: 4, path: there })).toBe(true);
    expect(await Promise.all(gone)).toEqual([false, false, false, false]);
    expect(said).toHaveLength(4);
    expect([spool.waitingBytes, spool.failingMs]).toEqual([0, 0]);
  });

  it('removes again what belongs to a recording that is gone', async () => {
    const store = openStore();
    const spool = new Spool({ folder: join(folder, 'spool'), store, onStored: async () => 'unwanted' });
    const open = spool.openTrack(track);
    open.append(packetAt(0));
    expect(await (await open.close(100)).stored).toBe(true);
    expect(await store.head('recordings/r1/tracks/t1/rtp/000000.rtpdump')).toBeUndefined();
    expect(spool.waitingBytes).toBe(0);
  });

  it('finds what a killed process left, without the torn ends', async () => {
    const spool = new Spool({ folder: join(folder, 'spool'), store: openStore() });
    const open = spool.openTrack(track);
    for (let atMs = 0; atMs < 1000; atMs += 20) open.append(packetAt(atMs));
    open.note({ kind: 'paused', atMs: 900, reason: 'muted' });
    await open.whenWritten();
    const piece = join(open.path, '000000.rtpdump');
    await appendFile(piece, Uint8Array.of(0, 120, 0, 112, 0, 0, 4, 0, 1, 2, 3));
    await appendFile(join(open.path, 'notes.ndjson'), '{"kind":"resu');

    const [leftover] = await recover();
    expect(leftover).toMatchObject({
      about: { recordingId: 'r1', trackId: 't1' },
      notes: { notes: [{ kind: 'paused' }] },
    });
    expect(leftover!.pieces).toMatchObject([{ n: 0, packetCount: 50, firstMs: 0, lastMs: 980 }]);
    expect(decodeDump(await readFile(piece)).tornBytes).toBe(0);
    await (
      await open.close(1000)
    ).stored;
  });

  it('finds every whole packet, wherever a kill has cut the last piece', async () => {
    const spool = new Spool({ folder: join(folder, 'spool'), store: openStore() });
    const open = spool.openTrack(track);
    const count = 20;
    for (let n = 0; n < count; n++) open.append(packetAt(n * 20));
    await open.whenWritten();
    const piece = join(open.path, '000000.rtpdump');
    const whole = await readFile(piece);
    const packetBytes = 108;
    const headerBytes = whole.length - count * packetBytes;
    for (let length = 0; length <= whole.length; length += 31) {
      await writeFile(piece, whole.subarray(0, length));
      const packetCount = Math.max(0, Math.floor((length - headerBytes) / packetBytes));
      const [leftover] = await recover();
      const found = leftover!.pieces.map((each) => [each.packetCount, each.lastMs]);
      expect(found, `${length} bytes`).toEqual(packetCount === 0 ? [] : [[packetCount, (packetCount - 1) * 20]]);
    }
    await writeFile(piece, whole);
    await (
      await open.close(1000)
    ).stored;
  });
});
