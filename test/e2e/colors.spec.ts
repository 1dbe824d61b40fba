import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runFfmpegArgs } from '@rushes/media';
import type { RushesPlayer } from '@rushes/player';
import type { Manifest } from '@rushes/timeline';
import { ApiClient, poll } from '../../scripts/demo/api-client.ts';
import { launchViewerBrowser } from '../../scripts/demo/browser.ts';
import { fakeDevices } from '../../scripts/demo/media-files.ts';
import { untouchedSound } from '../../scripts/demo/meeting-script.ts';
import { Participant } from '../../scripts/demo/participant.ts';
import { startStandalone, type StandaloneProcess } from '../../scripts/demo/standalone-process.ts';
import { nearestFlatColor, worstDistance, type Rgb } from '../content/read-color.ts';
import { readFrames, type Picture } from '../content/read-video.ts';
import { voices } from '../content/signal.ts';

/** A size at which a file that does not say its colours is taken for BT.709, and one at which it is not. */
const cameras = [
  { name: 'Ada', size: '1280x720', rgb: [0, 136, 0] },
  { name: 'Ben', size: '640x360', rgb: [150, 20, 20] },
] as const satisfies { name: string; size: string; rgb: Rgb }[];

/** What rounding, chroma subsampling and two lossy codecs come to on flat areas; a wrong matrix is 59 off at 720 lines. */
const tolerance = 8;
/** Chromium's fake camera takes the full range of MJPEG for the limited one: up to 16 off before the meeting sees the picture. */
const deviceTolerance = 16;
const film = { width: 1280, height: 720 };

describe('cameras of known colours', () => {
  let folder: string;
  let standalone: StandaloneProcess | undefined;
  let viewer: Browser | undefined;
  const people: Participant[] = [];
  /** As other people saw them in the meeting. */
  const live = new Map<string, Rgb>();
  let manifest: Manifest;
  let replayed: Picture;
  let exported: Picture;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rushes-colors-'));
    standalone = await startStandalone({ dataDir: join(folder, 'data') });
    const api = new ApiClient(standalone.url, standalone.apiKey);
    for (const [index, { name, size, rgb }] of cameras.entries()) {
      const camera = await writeFlatCamera(join(folder, `${name}.mjpeg`), size, rgb);
      const { microphone } = await fakeDevices(index);
      const token = await api.issueToken({ scope: 'meeting', roomId: 'colors', role: index === 0 ? 'host' : 'guest' });
      const link = `${api.url}/meet/#room=colors&token=${token}&${untouchedSound}`;
      people.push(await Participant.join({ name, link, devices: { camera, microphone }, voice: voices[index]! }));
    }
    await Promise.all(people.map((person) => person.whenSeeing(cameras.length - 1)));
    const recordingId = await people[0]!.startRecording();
    const [ada, ben] = people as [Participant, Participant];
    for (const [index, camera] of cameras.entries())
      live.set(camera.name, await settled(index === 0 ? ben : ada, camera));
    await people[0]!.stopRecording();
    manifest = await api.whenRecordingReady(recordingId);

    viewer = await launchViewerBrowser();
    const page = await viewer.newPage();
    await page.setViewport({ width: 1280, height: 900 });
    const token = await api.issueToken({ scope: 'viewer', canExport: true });
    await page.goto(`${standalone.viewerUrl}/?recording=${recordingId}#token=${token}`);
    await page.waitForFunction(() => (document.querySelector<RushesPlayer>('rushes-player')?.readyState ?? 0) === 4);
    await page.evaluate((seconds) => {
      document.querySelector<RushesPlayer>('rushes-player')!.currentTime = seconds;
    }, lookedAt(manifest));
    await page.waitForFunction(() => {
      const { readyState, seeking } = document.querySelector<RushesPlayer>('rushes-player')!;
      return readyState === 4 && !seeking;
    });
    await page.screenshot({ path: join(folder, 'replay.png') });
    replayed = await pictureOf(join(folder, 'replay.png'), { width: 1280, height: 900 });

    const request = { perspective: 'room', layout: 'grid', ...film, fps: 30 };
    const { exportId } = await api.whenExportDone(await api.createExport(recordingId, request));
    await api.download(`/v1/exports/${exportId}/file`, join(folder, 'film.mp4'));
    exported = await pictureOf(join(folder, 'film.mp4'), film, lookedAt(manifest));
  }, 300_000);

  afterAll(async () => {
    await viewer?.close();
    for (const person of people) await person.close();
    await standalone?.end();
    await rm(folder, { recursive: true, force: true });
  });

  it('were recorded in a size at which players guess wrongly, and in one at which they do not', () => {
    const heights = manifest.tracks.flatMap(({ kind, media }) => (kind === 'video' ? (media?.height ?? []) : []));
    expect(heights).toHaveLength(cameras.length);
    expect(Math.max(...heights)).toBe(720);
    expect(Math.min(...heights)).toBe(360);
  });

  it.each(cameras)('look on replay as they did in the meeting ($name, $size)', ({ name, rgb }) => {
    expect(worstDistance(live.get(name)!, rgb), `live ${live.get(name)?.join()}`).toBeLessThanOrEqual(deviceTolerance);
    const found = nearestFlatColor(replayed, live.get(name)!);
    expect(worstDistance(found, live.get(name)!), `${found.join()} for ${live.get(name)?.join()}`).toBeLessThanOrEqual(
      tolerance,
    );
  });

  it.each(cameras)('look in the film as they did in the meeting ($name, $size)', ({ name }) => {
    const found = nearestFlatColor(exported, live.get(name)!);
    expect(worstDistance(found, live.get(name)!), `${found.join()} for ${live.get(name)?.join()}`).toBeLessThanOrEqual(
      tolerance,
    );
  });
});

/** A camera's file that shows one colour. */
async function writeFlatCamera(path: string, size: string, [red, green, blue]: Rgb): Promise<string> {
  const color = [red, green, blue].map((level) => level.toString(16).padStart(2, '0')).join('');
  await runFfmpegArgs([
    ...['-v', 'error', '-f', 'lavfi', '-i', `color=c=0x${color}:s=${size}:r=30`, '-t', '1'],
    ...['-pix_fmt', 'yuvj420p', '-c:v', 'mjpeg', '-q:v', '2', '-f', 'mjpeg', path],
  ]);
  return path;
}

/** Seconds at which replay and film are looked at: near the end, when the pictures were of full size. */
function lookedAt({ durationMs }: Manifest): number {
  return (durationMs - 500) / 1000;
}

/** Looks in a row that see the same: two seconds, for the first pictures of a call, and of a recording, are coarse. */
const looksAlike = 8;

/** A camera's colour as somebody else saw it, in full size and long the same. */
async function settled(other: Participant, camera: (typeof cameras)[number]): Promise<Rgb> {
  const seen: string[] = [];
  return poll(30_000, `${camera.name} was not seen in full size, or not with one colour`, async () => {
    const rgb = await seenLive(other, camera);
    seen.push(rgb?.join() ?? 'nothing');
    return rgb && seen.length >= looksAlike && new Set(seen.slice(-looksAlike)).size === 1 ? rgb : undefined;
  });
}

/** The colour in the middle of somebody else's full-size picture; undefined while there is none that is near the camera's. */
async function seenLive({ page }: Participant, { size, rgb }: (typeof cameras)[number]): Promise<Rgb | undefined> {
  const colors = await page.evaluate((size) => {
    const own = Object.values(rushesMeeting!.readView().ownTracks);
    const canvas = new OffscreenCanvas(1, 1);
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    return [...document.querySelectorAll<HTMLVideoElement>('video[data-rushes-track]')]
      .filter(
        (video) => !own.includes(video.dataset.rushesTrack!) && `${video.videoWidth}x${video.videoHeight}` === size,
      )
      .map((video): [number, number, number] => {
        context.drawImage(video, video.videoWidth / 2, video.videoHeight / 2, 2, 2, 0, 0, 1, 1);
        const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
        return [red!, green!, blue!];
      });
  }, size);
  return colors.find((color) => worstDistance(color, rgb) < 25);
}

async function pictureOf(path: string, size: { width: number; height: number }, fromSeconds = 0): Promise<Picture> {
  for await (const picture of readFrames(path, { ...size, pixelFormat: 'rgb24', fromSeconds, frames: 1 }))
    return { ...picture, data: Buffer.from(picture.data) };
  throw new Error(`${path} has no picture at ${fromSeconds} s`);
}
