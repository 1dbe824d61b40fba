import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeDump, deriveTrack, parseSenderReports, runFfmpegArgs } from '@rushes/media';
import type { DerivedTrack } from '@rushes/media';
import { FilesystemObjectStore } from '@rushes/object-store/filesystem';
import { monotonicEpochMs } from '@rushes/platform';
import { loadStoredTrack, recordProducer, Spool } from '@rushes/recorder';
import type { RecordProducerOptions, TrackRecording } from '@rushes/recorder';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgeLipSync } from '../content/judge-lip-sync.ts';
import { voices } from '../content/signal.ts';
import { againIfMachineStoodStill } from '../fixtures/machine-watch.ts';
import { openPublisher, type Publisher } from '../fixtures/publisher.ts';

const voice = voices[0];
const recordingId = 'r1';

let folder: string;
let publisher: Publisher;
let store: FilesystemObjectStore;
let spool: Spool;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-tracks-'));
  store = new FilesystemObjectStore(join(folder, 'objects'));
  spool = new Spool({ folder: join(folder, 'spool'), store });
  publisher = await openPublisher(voice);
});
afterEach(async () => {
  await publisher.close();
  await rm(folder, { recursive: true, force: true });
});

/** The meeting goes on for a while: what is recorded, not something that is waited for. */
async function meetFor(ms: number): Promise<void> {
  await delay(ms);
}

/** Records both tracks of the publisher under their kinds as ids. */
async function record(
  more: Partial<RecordProducerOptions> = {},
): Promise<{ recordedAt: number; recordings: Map<string, TrackRecording> }> {
  const recordedAt = monotonicEpochMs();
  const recordings = new Map<string, TrackRecording>();
  for (const producer of publisher.producers.values()) {
    const options: RecordProducerOptions = {
      spool,
      recordingId,
      recordedAt,
      participantId: 'ann',
      trackId: producer.kind,
      source: producer.kind === 'audio' ? 'microphone' : 'camera',
      ...more,
    };
    recordings.set(producer.kind, await recordProducer(publisher.router, producer, options));
  }
  return { recordedAt, recordings };
}

async function closeAll(recordings: ReadonlyMap<string, TrackRecording>): Promise<void> {
  for (const recording of recordings.values()) expect(await (await recording.close()).stored).toBe(true);
}

async function derive(): Promise<{ audio: DerivedTrack; video: DerivedTrack }> {
  const audio = await loadStoredTrack(store, recordingId, 'audio');
  const video = await loadStoredTrack(store, recordingId, 'video');
  const siblings = [audio, video];
  return {
    audio: await deriveTrack({ track: audio, siblings, pathWithoutExtension: join(folder, 'audio') }),
    video: await deriveTrack({ track: video, siblings, pathWithoutExtension: join(folder, 'video') }),
  };
}

/** The sizes that Chromium's own player shows of a file at some instants, in seconds. */
async function replayedSizes(path: string, mimeType: string, instants: readonly number[]): Promise<string[]> {
  const url = `data:${mimeType.split(';')[0]};base64,${(await readFile(path)).toString('base64')}`;
  return publisher.page.evaluate(
    async (source, atSeconds) => {
      const video = Object.assign(document.createElement('video'), { src: source, muted: true });
      const sizes: string[] = [];
      for (const seconds of atSeconds) {
        const next = (): Promise<VideoFrameCallbackMetadata> =>
          new Promise((resolve) => video.requestVideoFrameCallback((_now, shown) => resolve(shown)));
        let shown = next();
        video.currentTime = seconds;
        // On a busy machine the picture from before may come first.
        while (Math.abs((await shown).mediaTime - seconds) > 0.5) shown = next();
        sizes.push(`${video.videoWidth}x${video.videoHeight}`);
      }
      return sizes;
    },
    url,
    [...instants],
  );
}

/** How many pictures of each width a file has, as ffmpeg decodes it. */
async function pictureSizesOf(path: string): Promise<Map<number, number>> {
  const listed = await runFfmpegArgs(
    ['-v', 'error', '-select_streams', 'v', '-show_entries', 'frame=width', '-of', 'csv=p=0', path],
    { program: 'ffprobe' },
  );
  const sizes = new Map<number, number>();
  for (const [width] of listed.toString().matchAll(/^\d+/gm)) sizes.set(+width, (sizes.get(+width) ?? 0) + 1);
  return sizes;
}

describe('a Chromium participant, recorded through the SFU', againIfMachineStoodStill(), () => {
  it.each([
    { videoCodec: 'video/vp8', simulcast: false },
    { videoCodec: 'video/vp9', simulcast: false },
    { videoCodec: 'video/h264', simulcast: false },
    { videoCodec: 'video/av1', simulcast: false },
    { videoCodec: 'video/vp8', simulcast: true },
  ])('has picture and sound within 40 ms in the derived files ($videoCodec, simulcast $simulcast)', async (options) => {
    await publisher.publish(options);
    const { recordings } = await record();
    await meetFor(7000);
    await closeAll(recordings);
    const { audio, video } = await derive();

    expect(audio.sync).toMatchObject({ method: 'sender-reports' });
    expect(video.sync).toMatchObject({ method: 'sender-reports' });
    expect(video.sync!.residualP95Ms).toBeLessThan(5);
    const { medianMs, pictures } = await judgeLipSync({ audio: audio.media!, video: video.media! }, voice);
    expect(pictures).toBeGreaterThan(60);
    expect(Math.abs(medianMs)).toBeLessThanOrEqual(40);
  });

  it('keeps the reports that the browser wrote, under the SSRC of the packets they speak of', async () => {
    await publisher.publish();
    const { recordings } = await record();
    await meetFor(3000);
    await closeAll(recordings);
    const key = `recordings/${recordingId}/tracks/video/rtp/000000.rtpdump`;
    const { packets, tornBytes } = decodeDump(await store.read(key));
    const ssrcs = new Set(
      packets.filter(({ kind }) => kind === 'rtp').map(({ data }) => Buffer.from(data).readUInt32BE(8)),
    );
    const reports = packets.filter(({ kind }) => kind === 'rtcp').flatMap(({ data }) => parseSenderReports(data));
    expect(tornBytes).toBe(0);
    expect(reports.length).toBeGreaterThan(0);
    expect(new Set(reports.map(({ ssrc }) => ssrc))).toEqual(ssrcs);
  });

  it('stores objects of at most 5 s, and the first packet soon after it was asked for', async () => {
    await publisher.publish();
    const { recordings } = await record();
    await meetFor(7000);
    await closeAll(recordings);
    const firstMs: number[] = [];
    for await (const { key } of store.list(`recordings/${recordingId}/tracks/`)) {
      if (!key.endsWith('.rtpdump')) continue;
      const { packets } = decodeDump(await store.read(key));
      expect(packets.at(-1)!.atMs - packets[0]!.atMs).toBeLessThan(5000);
      if (key.endsWith('000000.rtpdump')) firstMs.push(packets[0]!.atMs);
    }
    expect(firstMs).toHaveLength(2);
    expect(Math.max(...firstMs)).toBeLessThan(600);
  });

  it('stays in sync over a mute, which is listed as a gap and filled with silence', async () => {
    await publisher.publish();
    const { recordings } = await record();
    await meetFor(3000);
    const producer = publisher.producers.get('audio')!;
    await producer.pause();
    recordings.get('audio')!.notePaused('muted');
    await meetFor(2000);
    await producer.resume();
    recordings.get('audio')!.noteResumed();
    await meetFor(4000);
    await closeAll(recordings);
    const { audio, video } = await derive();
    expect(audio.gaps).toEqual([expect.objectContaining({ reason: 'muted' })]);
    expect(audio.gaps[0]!.toMs - audio.gaps[0]!.fromMs).toBeGreaterThan(1800);
    expect(
      Math.abs((await judgeLipSync({ audio: audio.media!, video: video.media! }, voice)).medianMs),
    ).toBeLessThanOrEqual(40);
  });

  it('goes on within half a second when the browser stops its high layer, and back without a pause', async () => {
    await publisher.publish({ simulcast: true });
    await meetFor(3000);
    const { recordings } = await record();
    await meetFor(3000);
    await publisher.page.evaluate('setHighestLayer(0)');
    await meetFor(3000);
    await publisher.page.evaluate('setHighestLayer(1)');
    await meetFor(3000);
    await closeAll(recordings);
    const { notes } = await loadStoredTrack(store, recordingId, 'video');
    const layers = notes.flatMap((note) => (note.kind === 'layer-changed' ? [note.spatialLayer] : []));
    expect(layers.slice(-2)).toEqual([0, 1]);
    const { audio, video } = await derive();
    // 250 ms until the layer is known to have ended, and a key frame that was asked for.
    const gapsMs = video.gaps.map(({ fromMs, toMs }) => toMs - fromMs);
    expect(Math.max(0, ...gapsMs)).toBeLessThan(700);
    expect(video.gaps.every(({ reason }) => reason === 'layer-switch')).toBe(true);
    expect(gapsMs.length).toBeLessThanOrEqual(1);
    expect(
      Math.abs((await judgeLipSync({ audio: audio.media!, video: video.media! }, voice)).medianMs),
    ).toBeLessThanOrEqual(40);
  });

  it.each([
    { videoCodec: 'video/vp9', scalabilityMode: 'L3T3_KEY', highestLayer: null },
    { videoCodec: 'video/vp9', scalabilityMode: 'L3T3', highestLayer: null },
    { videoCodec: 'video/av1', scalabilityMode: 'L3T3', highestLayer: null },
    { videoCodec: 'video/vp9', scalabilityMode: 'L3T3_KEY', highestLayer: 0 },
  ])(
    'is recorded in its highest wanted spatial layer, a picture each time ($videoCodec $scalabilityMode, highest layer $highestLayer)',
    async (options) => {
      const { highestLayer, ...published } = options;
      await publisher.publish(published);
      expect(publisher.producers.get('video')!.type).toBe('svc');
      const { recordings } = await record({ highestLayer });
      await meetFor(5000);
      await closeAll(recordings);
      const { audio, video } = await derive();

      const sizes = await pictureSizesOf(video.media!.path);
      const width = highestLayer === null ? 640 : 320;
      const shown = sizes.get(width) ?? 0;
      const others = [...sizes.values()].reduce((sum, count) => sum + count, 0) - shown;
      // Until mediasoup has seen that higher layers flow, and their key frame has come.
      expect(others).toBeLessThan(15);
      expect(shown).toBeGreaterThan(60);
      if (highestLayer === null) {
        const { medianMs, pictures } = await judgeLipSync({ audio: audio.media!, video: video.media! }, voice);
        expect(pictures).toBeGreaterThan(60);
        expect(Math.abs(medianMs)).toBeLessThanOrEqual(40);
      }
    },
  );

  it.each(['video/vp8', 'video/h264'])(
    'goes on in sync when its picture changes in size and shape (%s)',
    async (codec) => {
      await publisher.publish({ videoCodec: codec });
      const { recordings } = await record();
      await meetFor(2500);
      for (const size of ['360, 640', '1280, 720']) {
        await publisher.page.evaluate(`setPictureSize(${size})`);
        await meetFor(2500);
      }
      await closeAll(recordings);
      const { audio, video } = await derive();
      const { path, mimeType } = video.media!;
      expect([...(await pictureSizesOf(path)).keys()]).toEqual([640, 360, 1280]);
      expect(video.gaps).toEqual([]);
      expect(
        Math.abs((await judgeLipSync({ audio: audio.media!, video: video.media! }, voice)).medianMs),
      ).toBeLessThanOrEqual(40);
      expect(await replayedSizes(path, mimeType, [1, 4, 6.5, 1])).toEqual([
        '640x360',
        '360x640',
        '1280x720',
        '640x360',
      ]);
    },
  );

  it('ends its recording by itself when the producer closes', async () => {
    await publisher.publish();
    const { recordings } = await record();
    await meetFor(500);
    publisher.producers.get('video')!.close();
    await recordings.get('video')!.whenClosed();
    expect((await recordings.get('video')!.close()).packetCount).toBeGreaterThan(0);
    await closeAll(recordings);
  });
});
