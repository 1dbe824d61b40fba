import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { voices } from '../../../../test/content/signal.ts';
import type { DumpPacket } from '../rtpdump/dump-packet.ts';
import { decodeDump } from '../rtpdump/dump-parser.ts';
import { encodeDumpHeader, encodeDumpPacket } from '../rtpdump/encode-dump.ts';
import { encodeSignal } from '../../../../test/content/encode-signal.ts';
import { encoders } from '../testing/encoders.ts';
import type { VideoCodecName } from '../testing/encoders.ts';
import { fakeTrack, seededRandom } from '../testing/fake-track.ts';
import type { FakeTrackOptions } from '../testing/fake-track.ts';
import type { StoredTrack } from '../track/stored-track.ts';
import { deriveTrack } from './derive-track.ts';
import type { DerivedTrack } from './derive-track.ts';

const seconds = 3;
const capturedAtMs = 2000;
const voice = voices[0];
type Codec = VideoCodecName | 'opus';
const codecs = [...(Object.keys(encoders) as VideoCodecName[]), 'opus'] as const;

let folder: string;
let packets: ReadonlyMap<Codec, Uint8Array[]>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-damaged-'));
  const { video, sound } = await encodeSignal(folder, { seconds, voice, keyFrameEvery: 30 });
  packets = new Map<Codec, Uint8Array[]>([...video, ['opus', sound]]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const trackOf = (codec: Codec, options: Partial<FakeTrackOptions> = {}): StoredTrack =>
  fakeTrack({
    ...{ trackId: codec, capturedAtMs, packets: packets.get(codec)! },
    ...(codec === 'opus' ? { media: 'audio', codec: 'audio/opus' } : { media: 'video', codec: `video/${codec}` }),
    ...options,
  });

let files = 0;
const derive = (track: StoredTrack, siblings: readonly StoredTrack[] = []): Promise<DerivedTrack> =>
  deriveTrack({ track, siblings, pathWithoutExtension: join(folder, `derived-${files++}`) });

/** The file's bytes, which go then, and all that is said of it. */
async function resultOf(derived: DerivedTrack): Promise<unknown> {
  if (!derived.media) return derived;
  const { path, ...media } = derived.media;
  const bytes = await readFile(path);
  await rm(path);
  return { ...derived, media, bytes };
}

/** As objects lie in the store, a second each. */
async function objectsOf(track: StoredTrack): Promise<Buffer[]> {
  const objects = new Map<number, Uint8Array[]>();
  for await (const packet of track.readPackets()) {
    const n = Math.floor((packet.atMs - capturedAtMs) / 1000);
    objects.set(n, [...(objects.get(n) ?? [encodeDumpHeader(0)]), encodeDumpPacket(packet)]);
  }
  return [...objects].sort(([a], [b]) => a - b).map(([, parts]) => Buffer.concat(parts));
}

const fromObjects = (track: StoredTrack, objects: readonly Uint8Array[]): StoredTrack => ({
  ...track,
  async *readPackets() {
    for (const object of objects) yield* decodeDump(object).packets;
  },
});

async function withPackets(track: StoredTrack, change: (all: DumpPacket[]) => DumpPacket[]): Promise<StoredTrack> {
  const all: DumpPacket[] = [];
  for await (const packet of track.readPackets()) all.push(packet);
  const changed = change(all);
  return {
    ...track,
    async *readPackets() {
      yield* changed;
    },
  };
}

describe.each(codecs)('%s', (codec) => {
  it('has the same bytes whatever order its siblings come in', async () => {
    const siblings = codecs.map((each) => trackOf(each, { delayMs: () => 3 + each.length }));
    const first = await resultOf(await derive(trackOf(codec), siblings));
    expect(await resultOf(await derive(trackOf(codec), [...siblings].reverse()))).toEqual(first);
  });

  it('has the same bytes when packets come twice, or over the border of an object', async () => {
    const clean = (await resultOf(await derive(trackOf(codec)))) as { bytes: Buffer };
    const doubled = await withPackets(trackOf(codec), (all) => all.flatMap((packet) => [packet, packet]));
    expect((await resultOf(await derive(doubled))) as object).toMatchObject({ bytes: clean.bytes });

    // Every tenth comes 200 ms late, so that many lie in the object after their own.
    const late = trackOf(codec, { delayMs: (index) => (index % 10 === 5 ? 205 : 5) });
    const shuffled = fromObjects(late, await objectsOf(late));
    expect((await resultOf(await derive(shuffled))) as object).toMatchObject({ bytes: clean.bytes, gaps: [] });
  });

  it('is derived, or said to be empty, wherever its objects are cut', async () => {
    const track = trackOf(codec);
    const objects = await objectsOf(track);
    const last = objects.at(-1)!;
    const whole = (await derive(track)).media!;
    const lengths = Array.from({ length: 24 }, (_, n) => Math.floor((last.length * n) / 24));
    const edges = Array.from({ length: 12 }, (_, n) => last.length - 1 - n * 3);
    for (const length of [...lengths, ...edges]) {
      const torn = fromObjects(track, [...objects.slice(0, -1), last.subarray(0, length)]);
      const derived = await derive(torn);
      expect(derived.media!.durationMs, `${length} bytes`).toBeLessThanOrEqual(whole.durationMs);
      expect(derived.media!.durationMs, `${length} bytes`).toBeGreaterThan(whole.durationMs - 1200);
      const again = await derive(torn);
      expect(await resultOf(again)).toEqual(await resultOf(derived));
    }
    for (const length of [0, 1, 30, 50, 60, 100, 400]) {
      const { media } = await derive(fromObjects(track, [objects[0]!.subarray(0, length)]));
      expect(media?.durationMs ?? 0, `${length} bytes`).toBeLessThan(100);
    }
  });

  it('is derived, and stands where it was recorded, whatever bits of its packets are flipped, or cut off', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seededRandom(seed);
      const share = random() ** 3;
      const damaged = await withPackets(trackOf(codec), (all) =>
        all.map((packet) => (random() < share ? { ...packet, data: damage(packet.data, random) } : packet)),
      );
      const { media, gaps } = await derive(damaged);
      if (media) {
        expect(media.startMs, `seed ${seed}`).toBeGreaterThan(capturedAtMs - 65_000);
        expect(media.startMs + media.durationMs, `seed ${seed}`).toBeLessThan(capturedAtMs + seconds * 1000 + 65_000);
        await rm(media.path);
      }
      expect(gaps.every(({ fromMs, toMs }) => fromMs < toMs)).toBe(true);
    }
  });

  it('is not moved by single packets whose header is damaged', async () => {
    const clean = (await derive(trackOf(codec))).media!;
    const damaged = await withPackets(trackOf(codec), (all) =>
      all.map((packet, index) => (index % 37 === 20 ? { ...packet, data: withTimestamp(packet.data, index) } : packet)),
    );
    const { media } = await derive(damaged);
    expect(Math.abs(media!.startMs - clean.startMs)).toBeLessThan(1);
    expect(media!.durationMs).toBeLessThanOrEqual(clean.durationMs + 1);
  });
});

it('begins with the next key frame when no file could say how to decode the first one', async () => {
  const track = trackOf('H264');
  const clean = (await derive(track)).media!;
  const [first, ...others] = packets.get('H264')!;
  // The first packet begins with the parameter set: what says how large pictures are is made endless.
  const broken = new Uint8Array(first!);
  const at = Buffer.from(broken).indexOf(Uint8Array.of(0x67, 0x42));
  expect(at).toBeGreaterThan(0);
  broken.fill(0, at + 4, at + 24);
  const { media } = await derive(trackOf('H264', { packets: [broken, ...others] }));
  expect(media!.startMs - clean.startMs).toBeCloseTo(1000, 0);
  expect(media).toMatchObject({ width: 640, height: 360 });
});

/** One to eight bits are others, headers included, or the end is missing. */
function damage(data: Uint8Array, random: () => number): Uint8Array {
  if (random() < 0.1) return data.subarray(0, Math.floor(random() * data.length));
  const flipped = new Uint8Array(data);
  for (let left = 1 + Math.floor(random() * 8); left > 0; left--) {
    const reach = random() < 0.5 ? Math.min(24, data.length) : data.length;
    flipped[Math.floor(random() * reach)]! ^= 1 << Math.floor(random() * 8);
  }
  return flipped;
}

function withTimestamp(data: Uint8Array, salt: number): Uint8Array {
  const changed = Buffer.from(data);
  changed.writeUInt32BE((changed.readUInt32BE(4) + 0x4000_0000 + salt * 77_777_777) >>> 0, 4);
  return changed;
}
