import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beepsOf, readVideoTrack } from '../../../../test/content/judge-track.ts';
import { signal, voices } from '../../../../test/content/signal.ts';
import { writeCameraFile, writeMicrophoneFile } from '../../../../test/content/write-signal.ts';
import { probe } from '../ffmpeg/probe.ts';
import { runFfmpegArgs } from '../ffmpeg/run-ffmpeg-args.ts';
import { encoders } from '../testing/encoders.ts';
import { importStream } from './import-stream.ts';
import type { ImportedMedia } from './import-stream.ts';
import { probeMediaFile } from './probe-media-file.ts';

const voice = voices[1];
const seconds = 4;
const frameMs = 1000 / signal.fps;

let folder: string;
let camera: string;
let microphone: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-import-'));
  camera = join(folder, 'camera.webm');
  microphone = join(folder, 'microphone.wav');
  await writeCameraFile(camera, { seconds, voice }, encoders.VP8);
  await writeMicrophoneFile(microphone, { seconds, voice });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function make(extension: string, args: readonly string[]): Promise<string> {
  const path = join(folder, `odd-${files++}.${extension}`);
  await runFfmpegArgs(['-v', 'error', '-y', ...args, path]);
  return path;
}

/** Written to a pipe: neither duration nor index. */
async function makeLive(args: readonly string[]): Promise<string> {
  const path = join(folder, `live-${files++}`);
  await runFfmpegArgs(['-v', 'error', ...args, 'pipe:1'], { stdout: createWriteStream(path) });
  return path;
}

/** By kind. Times are those of the original file. */
async function importAll(path: string): Promise<Partial<Record<'audio' | 'video', ImportedMedia>>> {
  const { streams } = await probeMediaFile(path);
  const imported: Partial<Record<'audio' | 'video', ImportedMedia>> = {};
  for (const stream of streams) {
    const media = await importStream({ path, stream, pathWithoutExtension: join(folder, `imported-${files++}`) });
    imported[stream.kind] = media!;
  }
  return imported;
}

/** How far each picture is from where its number says that it belongs, in milliseconds; none may be unreadable. */
async function pictureErrors(media: ImportedMedia, beginsMs = 0): Promise<number[]> {
  const shown = await readVideoTrack(media, signal);
  return shown.map(({ atMs, frameNumber }) => atMs - beginsMs - (frameNumber ?? NaN) * frameMs);
}
async function beepErrors(media: ImportedMedia, beginsMs = 0): Promise<number[]> {
  const beeps = await beepsOf(media, voice);
  return beeps.map((atMs) => atMs - beginsMs - Math.round((atMs - beginsMs) / 1000) * 1000);
}
const worst = (errors: readonly number[]) => Math.max(...errors.map(Math.abs));

const both = () => ['-i', camera, '-i', microphone, '-map', '0:v', '-map', '1:a'];

describe('a finished file', () => {
  it('without duration and index gets both, its packets as they were, picture and sound together', async () => {
    const live = await makeLive([...both(), '-c:v', 'copy', '-c:a', 'libopus', '-f', 'webm', '-live', '1']);
    expect((await probe(live)).format.duration).toBe('N/A');
    const { video, audio } = await importAll(live);
    expect(video).toMatchObject({ codec: 'video/VP8', isTranscoded: false, mimeType: 'video/webm; codecs="vp8"' });
    expect(audio).toMatchObject({ codec: 'audio/opus', isTranscoded: false });
    for (const media of [video!, audio!]) {
      expect(Math.abs((await probe(media.path)).format.duration! - seconds)).toBeLessThan(0.1);
      expect((await readFile(media.path)).includes(Buffer.of(0x1c, 0x53, 0xbb, 0x6b))).toBe(true);
    }
    const [pictures, beeps] = [await pictureErrors(video!), await beepErrors(audio!)];
    expect([pictures.length, beeps.length]).toEqual([seconds * signal.fps, seconds]);
    expect(worst(pictures)).toBeLessThan(10);
    expect(worst(beeps)).toBeLessThan(10);
    // Again, the same bytes.
    const again = await importAll(live);
    expect(await readFile(again.video!.path)).toEqual(await readFile(video!.path));
    expect(await readFile(again.audio!.path)).toEqual(await readFile(audio!.path));
  });

  it('whose pictures change their size keeps every size and every instant', async () => {
    const halves = await Promise.all([
      make('webm', ['-t', '2', '-i', camera, '-c', 'copy']),
      make('webm', ['-ss', '2', '-i', camera, '-vf', 'scale=320:180', '-c:v', 'libvpx', '-deadline', 'realtime']),
    ]);
    const list = join(folder, 'sizes.txt');
    await writeFile(list, halves.map((path) => `file '${path}'\n`).join(''));
    const changing = await make('webm', ['-f', 'concat', '-safe', '0', '-i', list, '-c', 'copy']);
    const { video } = await importAll(changing);
    expect(video).toMatchObject({ isTranscoded: false, width: 640, height: 360 });
    expect(video!.otherSizes).toEqual([{ width: 320, height: 180 }]);
    const listed = await runFfmpegArgs(['-v', 'error', '-show_entries', 'frame=width', '-of', 'csv=p=0', video!.path], {
      program: 'ffprobe',
    });
    expect(new Set(listed.toString().match(/\d+/g))).toEqual(new Set(['640', '320']));
    const errors = await pictureErrors(video!);
    expect(errors).toHaveLength(seconds * signal.fps);
    expect(worst(errors)).toBeLessThan(5);
  });

  it.each([1, 1000])('whose header says %i pictures a second keeps its real times', async (rate) => {
    const bytes = await readFile(camera);
    // Matroska's DefaultDuration, in nanoseconds.
    const at = bytes.indexOf(Buffer.of(0x23, 0xe3, 0x83));
    expect(bytes[at + 3]).toBe(0x84);
    bytes.writeUInt32BE(1e9 / rate, at + 4);
    const lying = join(folder, `lying-${rate}.webm`);
    await writeFile(lying, bytes);
    const { video } = await importAll(lying);
    const errors = await pictureErrors(video!);
    expect(errors).toHaveLength(seconds * signal.fps);
    expect(worst(errors)).toBeLessThan(5);
  });

  it('of H.264 and AAC stays what it is, with B frames, an edit list and its index first', async () => {
    const mp4 = await make('mp4', [...both(), '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-bf', '2', '-c:a', 'aac']);
    const { video, audio } = await importAll(mp4);
    expect(video).toMatchObject({ codec: 'video/H264', extension: 'mp4', isTranscoded: false });
    expect(video!.mimeType).toMatch(/^video\/mp4; codecs="avc1\.[0-9a-f]{6}"$/);
    expect(audio).toMatchObject({ mimeType: 'audio/mp4; codecs="mp4a.40.2"', isTranscoded: false });
    const bytes = await readFile(video!.path);
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
    expect(worst(await pictureErrors(video!))).toBeLessThan(5);
    expect(worst(await beepErrors(audio!))).toBeLessThan(10);
  });

  it.each([
    ['wav', []],
    ['ogg', ['-c:a', 'libvorbis']],
    ['mka', ['-c:a', 'pcm_s24le']],
  ])('of sound that browsers do not stream (%s) becomes Opus', async (extension, args) => {
    const { audio } = await importAll(await make(extension, ['-i', microphone, '-ac', '2', ...args]));
    expect(audio).toMatchObject({ codec: 'audio/opus', extension: 'webm', isTranscoded: true });
    const errors = await beepErrors(audio!);
    expect(errors).toHaveLength(seconds);
    expect(worst(errors)).toBeLessThan(10);
    expect(Math.abs(audio!.durationMs - seconds * 1000)).toBeLessThan(60);
  });

  it('whose pictures browsers do not know becomes H.264, its uneven times kept', async () => {
    const uneven = ['-vf', "select='not(between(n,40,79))'", '-fps_mode', 'passthrough', '-c:v', 'mpeg4', '-q:v', '3'];
    const { video } = await importAll(await make('mkv', ['-i', camera, ...uneven]));
    expect(video).toMatchObject({ codec: 'video/H264', isTranscoded: true });
    const errors = await pictureErrors(video!);
    expect(errors).toHaveLength(seconds * signal.fps - 40);
    expect(worst(errors)).toBeLessThan(5);
  });

  it('with a hole in its sound has silence there, for players that count samples', async () => {
    const holed = ['-af', "aselect='not(between(t,0.5,2.5))'", '-c:a', 'libopus', '-copyts'];
    const { audio } = await importAll(await make('mka', ['-i', microphone, ...holed]));
    const beeps = await beepsOf(audio!, voice);
    expect(beeps.map((atMs) => Math.round(atMs / 1000))).toEqual([0, 3]);
    expect(worst(await beepErrors(audio!))).toBeLessThan(25);
  });

  it('whose timestamps begin at an hour is placed by them, and its own file begins at 0', async () => {
    const late = await make('mkv', [...both(), '-c:v', 'copy', '-c:a', 'libopus', '-output_ts_offset', '3600']);
    const { video, audio } = await importAll(late);
    expect(Number((await probe(video!.path)).format.start_time)).toBe(0);
    expect(video!.durationMs).toBeLessThan(seconds * 1000 + 100);
    expect(worst(await pictureErrors(video!, 3_600_000))).toBeLessThan(15);
    expect(worst(await beepErrors(audio!, 3_600_000))).toBeLessThan(15);
  });
});

describe('a file that cannot be imported', () => {
  const refusal = (message: RegExp) =>
    expect.objectContaining({ code: 'media-unreadable', message: expect.stringMatching(message) as string }) as Error;

  it('is refused with what was expected, and without our paths', async () => {
    const text = join(folder, 'notes.webm');
    await writeFile(text, 'these are minutes of a meeting\n'.repeat(50));
    await expect(probeMediaFile(text)).rejects.toThrow(refusal(/^expected WebM, Matroska .*Invalid data found/));
    await expect(probeMediaFile(text)).rejects.not.toThrow(folder);
    const cut = join(folder, 'cut.mp4');
    const mp4 = await readFile(await make('mp4', ['-t', '1', '-i', camera, '-c:v', 'mpeg4']));
    await writeFile(cut, mp4.subarray(0, mp4.length / 2));
    await expect(probeMediaFile(cut)).rejects.toThrow(refusal(/moov|Invalid data/));
  });

  it('is not followed to other files or addresses', async () => {
    const playlist = join(folder, 'playlist.webm');
    await writeFile(playlist, `#EXTM3U\n#EXTINF:5,\nfile://${microphone}\n#EXT-X-ENDLIST\n`);
    await expect(probeMediaFile(playlist)).rejects.toThrow(refusal(/^expected WebM/));
    const list = join(folder, 'list.mp4');
    await writeFile(list, `ffconcat version 1.0\nfile '${microphone}'\n`);
    await expect(probeMediaFile(list)).rejects.toThrow(refusal(/^expected WebM/));
  });

  it('ends where it was cut off, when something can be read', async () => {
    const whole = await makeLive([...both(), '-c:v', 'copy', '-c:a', 'libopus', '-f', 'webm']);
    const torn = join(folder, 'torn.webm');
    const bytes = await readFile(whole);
    await writeFile(torn, bytes.subarray(0, bytes.length / 2));
    const { video } = await importAll(torn);
    expect(video!.durationMs).toBeGreaterThan(1000);
    expect(video!.durationMs).toBeLessThan(seconds * 1000 - 500);
    expect(worst(await pictureErrors(video!))).toBeLessThan(10);
  });
});
