import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beepsOf, readVideoTrack } from '../../../../test/content/judge-track.ts';
import { voices } from '../../../../test/content/signal.ts';
import { beginsKeyFrame, createVideoCodec } from '../codecs/find-codec.ts';
import { probe } from '../ffmpeg/probe.ts';
import { runFfmpegArgs } from '../ffmpeg/run-ffmpeg-args.ts';
import { parseRtp } from '../rtp/rtp-packet.ts';
import { encodeSignal } from '../../../../test/content/encode-signal.ts';
import type { EncodedSignal } from '../../../../test/content/encode-signal.ts';
import { encoders } from '../testing/encoders.ts';
import type { VideoCodecName } from '../testing/encoders.ts';
import { fakeTrack, seededRandom } from '../testing/fake-track.ts';
import type { FakeTrackOptions } from '../testing/fake-track.ts';
import { deriveTrack } from './derive-track.ts';
import { FrameAssembler } from './frame-assembler.ts';
import type { DerivedTrack } from './derive-track.ts';

const voice = voices[0];
const seconds = 10;
const frameMs = 1000 / 30;
/** What comes least late in the fixtures. */
const leastDelayMs = 5;
const capturedAtMs = 2000;

let folder: string;
let video: EncodedSignal['video'];
let sound: Uint8Array[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-derive-'));
  ({ video, sound } = await encodeSignal(folder, { seconds, voice }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
const newPath = () => join(folder, `derived-${files++}`);
const camera = (options: Partial<FakeTrackOptions> = {}, codec: VideoCodecName = 'VP8') =>
  fakeTrack({
    trackId: 'camera',
    media: 'video',
    codec: `video/${codec}`,
    packets: video.get(codec)!,
    capturedAtMs,
    ...options,
  });
const microphone = (options: Partial<FakeTrackOptions> = {}) =>
  fakeTrack({ trackId: 'microphone', media: 'audio', codec: 'audio/opus', packets: sound, capturedAtMs, ...options });
const derive = (track: ReturnType<typeof camera>, siblings = [track]): Promise<DerivedTrack> =>
  deriveTrack({ track, siblings, pathWithoutExtension: newPath() });

/** Recording time of each shown frame less the time at which its number was captured; none may be unreadable. */
async function pictureErrors({ media }: DerivedTrack, options: { msPerFrame?: number } = {}): Promise<number[]> {
  const shown = await readVideoTrack(media!, { width: 640, height: 360 });
  return shown.map(
    ({ atMs, frameNumber }) =>
      atMs - capturedAtMs - leastDelayMs - (frameNumber ?? NaN) * (options.msPerFrame ?? frameMs),
  );
}

/** The same for beeps, each against the nearest whole second. */
async function beepErrors({ media }: DerivedTrack, msPerSecond = 1000): Promise<number[]> {
  const beeps = await beepsOf(media!, voice);
  return beeps.map((atMs) => {
    const since = atMs - capturedAtMs - leastDelayMs;
    return since - Math.round(since / msPerSecond) * msPerSecond;
  });
}

const worst = (errors: readonly number[]) => Math.max(...errors.map(Math.abs));

describe.each(Object.keys(encoders) as VideoCodecName[])('%s', (codec) => {
  it('becomes a seekable file in which every frame stands at its instant', async () => {
    const derived = await derive(camera({}, codec));
    const errors = await pictureErrors(derived);
    expect(errors).toHaveLength(seconds * 30);
    expect(worst(errors)).toBeLessThan(2);
    expect(derived.gaps).toEqual([]);
    expect(derived.media).toMatchObject({ width: 640, height: 360 });
    expect(derived.media!.durationMs).toBeCloseTo(seconds * 1000, -1);
    const { format } = await probe(derived.media!.path);
    expect(Math.abs(format.duration! - seconds)).toBeLessThan(0.05);
    // A jump lands on the key frame before, and gets there by the index.
    const args = ['-v', 'error', '-ss', '7.1', '-i', derived.media!.path, '-frames:v', '1', '-f', 'null', '-'];
    await expect(runFfmpegArgs(args)).resolves.toBeDefined();
  });

  it('is known by single packets to begin the key frames that whole frames say', () => {
    const packets = video.get(codec)!.map((bytes) => parseRtp(bytes)!);
    const keys: number[] = [];
    const assembler = new FrameAssembler(createVideoCodec(`video/${codec}`), {
      onFrame: ({ key, ticks }) => key && keys.push(ticks),
      onDropped: () => expect.fail('nothing is lost here'),
    });
    for (const [sequence, packet] of packets.entries()) {
      const media = { kind: 'media', ssrc: 1, ticks: packet.timestamp, sequence, atMs: 0, packet } as const;
      assembler.push({ packet: media, lostBefore: 0 });
    }
    const begun = packets.filter(({ payload }) => beginsKeyFrame(`video/${codec}`, payload));
    expect(keys.length).toBeGreaterThanOrEqual(seconds / 2);
    expect(begun.map(({ timestamp }) => timestamp)).toEqual(keys);
  });

  it('says that its colours are BT.601, which players would not assume at every size', async () => {
    const { streams } = await probe((await derive(camera({}, codec))).media!.path);
    const { color_space, color_primaries, color_transfer, color_range } = streams[0]!;
    expect({ color_space, color_primaries, color_transfer, color_range }).toEqual({
      ...{ color_space: 'smpte170m', color_primaries: 'smpte170m', color_transfer: 'smpte170m', color_range: 'tv' },
    });
  });

  it('has the same bytes when derived again', async () => {
    const [first, again] = [await derive(camera({}, codec)), await derive(camera({}, codec))];
    expect(await readFile(again.media!.path)).toEqual(await readFile(first.media!.path));
    expect({ ...again, media: null }).toEqual({ ...first, media: null });
  });

  it('shows no broken picture under 5 % loss and reordering, and holds the time', async () => {
    const random = seededRandom(5);
    const delays = video.get(codec)!.map(() => leastDelayMs + random() * 50);
    const lost = new Set(
      video
        .get(codec)!
        .map((_, index) => index)
        .filter((index) => index > 3 && random() < 0.05),
    );
    const track = camera({ delayMs: (index) => delays[index]!, arrives: (index) => !lost.has(index) }, codec);
    const derived = await derive(track);
    const errors = await pictureErrors(derived);
    expect(errors.length).toBeGreaterThan(30);
    // A delay drawn at random comes within a few milliseconds of the least.
    expect(worst(errors)).toBeLessThan(8);
    expect(derived.gaps.length).toBeGreaterThan(0);
    expect(derived.gaps.every(({ reason }) => reason === 'network-loss')).toBe(true);
  });
});

describe('the clock of a participant', () => {
  it('keeps picture and sound together although they are delayed differently', async () => {
    const [late, early] = [camera({ delayMs: () => 180 }), microphone({ delayMs: () => leastDelayMs })];
    const picture = await derive(late, [late, early]);
    const heard = await derive(early, [late, early]);
    expect(worst(await pictureErrors(picture))).toBeLessThan(2);
    expect(worst(await beepErrors(heard))).toBeLessThan(8);
  });

  it.each([
    ['another connection', 'ann-cname', 'other'],
    ['a track of which nobody says whose clock it has', null, null],
  ])('does not borrow the clock of %s', async (_, ofCamera, ofMicrophone) => {
    const [late, early] = [camera({ delayMs: () => 180, cname: ofCamera }), microphone({ cname: ofMicrophone })];
    const errors = await pictureErrors(await derive(late, [late, early]));
    expect(errors.every((error) => Math.abs(error - 175) < 2)).toBe(true);
  });

  it('follows a sender whose clocks run 200 ppm fast', async () => {
    const track = microphone({ fastPpm: 200, packets: repeat(sound, 12, 48_000 * 10) });
    const derived = await derive(track);
    expect(derived.sync!.driftPpm).toBeGreaterThan(170);
    expect(derived.sync!.driftPpm).toBeLessThan(215);
    expect(worst(await beepErrors(derived, 1000 / 1.0002))).toBeLessThan(30);
    const again = await derive(track);
    expect(await readFile(again.media!.path)).toEqual(await readFile(derived.media!.path));
  });

  it('is not moved by delays that grow as the machine gets busy in a short recording', async () => {
    const packets = repeat(sound, 4, 48_000 * 10);
    const track = microphone({ packets, delayMs: (index) => leastDelayMs + (40 * index) / packets.length });
    const derived = await derive(track);
    expect(derived.sync!.driftPpm).toBeCloseTo(0, 0);
    // Against the same without: where the repeated sound begins again, a beep is off by itself.
    const calm = await beepErrors(await derive(microphone({ packets })));
    const busy = await beepErrors(derived);
    expect(busy).toHaveLength(calm.length);
    expect(worst(busy.map((error, index) => error - calm[index]!))).toBeLessThan(3);
  });

  it('is right before a first report that comes late, and over wrapped counters', async () => {
    const derived = await derive(
      camera({ reportsAtMs: [9000, 10_000], firstTimestamp: 0xffff_ff00, firstSequence: 65_530 }),
    );
    expect(derived.sync).toMatchObject({ method: 'sender-reports', senderReports: 2 });
    expect(worst(await pictureErrors(derived))).toBeLessThan(2);
  });

  it('is not moved by a report that is wrong', async () => {
    const derived = await derive(camera({ reportErrorMs: (index) => (index === 4 ? 700 : 0) }));
    expect(derived.sync).toMatchObject({ outliers: 1 });
    expect(worst(await pictureErrors(derived))).toBeLessThan(2);
  });

  it.each([
    ['with', {}],
    ['without', { reportsAtMs: [] }],
  ])('goes on at its time when the sender’s machine had slept, %s reports', async (_, reports) => {
    const asleep = { fromMs: 7000, forMs: 40_000 };
    const [picture, heard] = [camera({ asleep, ...reports }), microphone({ asleep, ...reports })];
    for (const track of [picture, heard]) {
      const derived = await derive(track, [picture, heard]);
      expect(derived.gaps).toEqual([
        {
          fromMs: expect.closeTo(7005, -2) as number,
          toMs: expect.closeTo(47_005, -2) as number,
          reason: 'sender-asleep',
        },
      ]);
      expect(derived.media!.durationMs).toBeCloseTo(50_000, -2);
    }
    const errors = await pictureErrors(await derive(picture, [picture, heard]));
    expect(worst(errors.map((error) => (error > 20_000 ? error - asleep.forMs : error)))).toBeLessThan(3);
    expect(worst(await beepErrors(await derive(heard, [picture, heard])))).toBeLessThan(8);
  });

  it('falls back to arrivals without reports, and says so', async () => {
    const random = seededRandom(9);
    const derived = await derive(camera({ reportsAtMs: [], delayMs: () => leastDelayMs + random() * 40 }));
    expect(derived.sync).toMatchObject({ method: 'arrival-envelope', senderReports: 0 });
    expect(worst(await pictureErrors(derived))).toBeLessThan(8);
  });
});

describe('gaps', () => {
  it('fills a mute with silence and lists it', async () => {
    const derived = await derive(
      microphone({
        arrives: (_, atMs) => atMs < 5000 || atMs >= 8000,
        notes: [
          { kind: 'paused', atMs: 4990, reason: 'muted' },
          { kind: 'resumed', atMs: 7990 },
        ],
      }),
    );
    expect(derived.gaps).toEqual([{ fromMs: 5005, toMs: 8005, reason: 'muted' }]);
    const errors = await beepErrors(derived);
    expect(errors).toHaveLength(7);
    expect(worst(errors)).toBeLessThan(8);
  });

  it('fills what the network lost, and tells it from silence that was not sent', async () => {
    const lost = (index: number) => index >= 100 && index < 120;
    const network = await derive(microphone({ arrives: (index) => !lost(index) }));
    expect(network.gaps).toEqual([{ fromMs: 4005, toMs: 4405, reason: 'network-loss' }]);
    expect(worst(await beepErrors(network))).toBeLessThan(8);

    // DTX: sequence numbers go on, timestamps jump.
    const packets = sound.filter((_, index) => !lost(index));
    const dtx = await derive(microphone({ packets }));
    expect(dtx.gaps).toEqual([{ fromMs: 4005, toMs: 4405, reason: 'dtx' }]);
    expect(worst(await beepErrors(dtx))).toBeLessThan(8);
  });

  it('lists a camera that was off, and one that was off until the end', async () => {
    const derived = await derive(
      camera({
        arrives: (_, atMs) => atMs < 4000 || (atMs >= 6000 && atMs < 9000),
        notes: [
          { kind: 'paused', atMs: 4000, reason: 'camera-off' },
          { kind: 'resumed', atMs: 5990 },
          { kind: 'paused', atMs: 9000, reason: 'camera-off' },
          { kind: 'ended', atMs: 12_000 },
        ],
      }),
    );
    expect(derived.gaps).toMatchObject([{ reason: 'camera-off' }, { reason: 'camera-off', toMs: 12_000 }]);
    expect(derived.endMs).toBe(12_000);
    expect(worst(await pictureErrors(derived))).toBeLessThan(2);
  });

  it('has no file for a track without packets', async () => {
    const derived = await derive(
      microphone({
        arrives: () => false,
        startMs: 1000,
        notes: [
          { kind: 'paused', atMs: 1000, reason: 'muted' },
          { kind: 'ended', atMs: 9000 },
        ],
      }),
    );
    expect(derived).toMatchObject({ media: null, sync: null, gaps: [{ fromMs: 1000, toMs: 9000, reason: 'muted' }] });
  });
});

/** The same sound again and again, as one stream. */
function repeat(packets: readonly Uint8Array[], times: number, ticks: number): Uint8Array[] {
  return Array.from({ length: times }, (_, turn) =>
    packets.map((bytes) => {
      const copy = Buffer.from(bytes);
      copy.writeUInt32BE((copy.readUInt32BE(4) + turn * ticks) >>> 0, 4);
      return copy;
    }),
  ).flat();
}
