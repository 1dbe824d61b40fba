import { openAsBlob } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnalyticsModule, EventCounter } from '@rushes/analytics';
import { ImportsModule, type ImportState } from '@rushes/imports';
import { Database } from '@rushes/database';
import { ObjectStore } from '@rushes/object-store';
import { EventPublishers, LOGGER, type Logger } from '@rushes/platform';
import { startTestApplication, testApiKey, type TestApplication } from '@rushes/platform/testing';
import { RecordingsModule } from '@rushes/recordings';
import { rederiveRecording } from '@rushes/recorder';
import { renderExport } from '@rushes/render';
import {
  decodeChunk,
  manifestSchema,
  objectKeys,
  recordingPrefix,
  type Manifest,
  type ManifestTrack,
} from '@rushes/timeline';
import { TimelineWriter, TimelineWriterModule } from '@rushes/timeline-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderObjects } from '../../libs/render/src/testing/folder-objects.ts';
import { judgeFilm, quantile } from '../content/judge.ts';
import { beepStarts, readSamples } from '../content/read-audio.ts';
import { findTile, readFrameNumber, readFrames } from '../content/read-video.ts';
import { signal, voices } from '../content/signal.ts';
import { begins, importDocument, importedAt, turnsRedMs, writeImportFolder } from '../fixtures/import-folder.ts';
import { openPlayerPages } from '../fixtures/player-pages.ts';
import type { RushesPlayer } from '../../libs/player/src/element/rushes-player.ts';

let app: TestApplication;
let folder: string;
let state: ImportState;
let manifest: Manifest;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-import-'));
  const modules = [ImportsModule, RecordingsModule, AnalyticsModule, TimelineWriterModule.forRoot()];
  [app] = await Promise.all([startTestApplication(modules), writeImportFolder(folder)]);
  state = await upload();
  await app.app.get(TimelineWriter).whenWritten();
  const stored = await app.app.get<ObjectStore>(ObjectStore).read(prefix() + objectKeys.manifest);
  manifest = manifestSchema.parse(JSON.parse(new TextDecoder().decode(stored)));
}, 300_000);
afterAll(async () => {
  await app?.close();
  await rm(folder, { recursive: true, force: true });
});

const prefix = (): string => recordingPrefix(state.recordingId);
const headers = { authorization: `Bearer ${testApiKey}` };

/** Every file that is not hidden; the fixture hides what its files were made of. */
async function upload(): Promise<ImportState> {
  const form = new FormData();
  for (const name of await readdir(folder)) {
    if (!name.startsWith('.')) form.append('file', await openAsBlob(join(folder, name)), name);
  }
  let response = await fetch(`${app.url}/v1/imports`, { method: 'POST', headers, body: form });
  expect(response.headers.get('location')).toMatch(/^\/v1\/imports\/\w+$/);
  const address = app.url + response.headers.get('location')!;
  for (;;) {
    const found = (await response.json()) as ImportState;
    if (found.status !== 'running') return found;
    response = await fetch(address, { headers });
  }
}

const trackOf = (participantId: string, kind: string): ManifestTrack =>
  manifest.tracks.find((track) => track.participantId === participantId && track.kind === kind)!;
const reportOf = (file: string) => state.files.find((report) => report.file === file)!;

describe('a folder of files from other recorders', () => {
  it('becomes a recording that is ready, with everybody, every track and both perspectives', async () => {
    expect(state.status).toBe('done');
    const recording = await fetch(`${app.url}/v1/recordings/${state.recordingId}`, { headers });
    expect(await recording.json()).toMatchObject({ status: 'ready', endReason: 'imported', recordedAt: importedAt });
    expect(manifest).toMatchObject({ title: importDocument.title, roomId: 'old-room', status: 'ready' });
    expect(manifest.participants.map(({ name, role }) => [name, role]).sort()).toEqual([
      ...[
        ['Ann', 'host'],
        ['Ben', 'guest'],
        ['Cem', 'guest'],
        ['Dora', 'guest'],
        ['Eve', 'guest'],
      ],
    ]);
    expect(
      manifest.tracks.map(({ participantId, source, codec }) => `${participantId} ${source} ${codec}`).sort(),
    ).toEqual([
      ...[
        'ann camera video/VP8',
        'ann microphone audio/opus',
        'ben camera video/H264',
        'ben microphone audio/mp4a-latm',
      ],
      ...['cem camera video/VP8', 'cem microphone audio/opus', 'dora microphone audio/opus'],
    ]);
    expect(manifest.perspectives).toEqual([
      { id: 'room', title: 'Room' },
      { id: 'dom:ann', title: 'As Ann saw it' },
    ]);
    expect(Math.abs(manifest.durationMs - (begins.cem + 5000))).toBeLessThan(60);
  });

  it('is told what became of each file, and bad ones hold up nobody', () => {
    const outcomes = Object.fromEntries(state.files.map(({ file, outcome }) => [file, outcome]));
    expect(outcomes).toEqual({
      ...{ 'ann.webm': 'imported', 'ben.mp4': 'imported', 'dora.wav': 'imported', 'chat.txt': 'imported' },
      ...{ 'cem-camera.rtpdump': 'imported', 'cem-microphone.rtpdump': 'imported', 'ann.rrweb.ndjson': 'imported' },
      ...{ 'broken.webm': 'refused', 'lost.webm': 'refused', 'minutes.txt': 'ignored' },
    });
    expect(reportOf('broken.webm').problems[0]).toMatch(/^expected WebM, Matroska/);
    expect(reportOf('lost.webm').problems).toEqual(['expected a file, there is none of this name']);
    expect(reportOf('dora.wav').tracks).toMatchObject([{ source: 'microphone', isTranscoded: true }]);
    expect(reportOf('ann.webm').tracks.map(({ isTranscoded }) => isTranscoded)).toEqual([false, false]);
  });

  it('has its chat in the timeline, and is counted', async () => {
    const chunk = decodeChunk(
      await app.app.get<ObjectStore>(ObjectStore).read(prefix() + manifest.timeline.events[0]!.key),
    );
    const said = chunk.events.flatMap((event) =>
      'type' in event && event.type === 'rushes.chat.message-sent.v1'
        ? [[event.atMs, event.participantId, event.data.text]]
        : [],
    );
    expect(said).toEqual([
      [1000, 'ann', 'Hello'],
      [2500, 'Eve', 'I only read\nand write\nno time: at all'],
    ]);
    await app.app.get(EventCounter).whenCaughtUp();
    const counted = await fetch(`${app.url}/v1/recordings/${state.recordingId}/event-counts`, { headers });
    expect(await counted.json()).toMatchObject({
      events: expect.arrayContaining([
        { type: 'rushes.chat.message-sent.v1', count: 2 },
        // Everybody with a microphone, beeping on.
        { type: 'rushes.speech.started.v1', count: 4 },
      ]) as unknown,
    });
  });

  it('holds nothing harmful of its page', async () => {
    const [ref] = manifest.timeline.surfaces[0]!.chunks;
    const chunk = JSON.stringify(decodeChunk(await app.app.get<ObjectStore>(ObjectStore).read(prefix() + ref!.key)));
    expect(chunk).toContain('#c80000');
    for (const harm of ['document.body.remove', 'alert(', 'spy.png', 'iframe', 'onclick'])
      expect(chunk).not.toContain(harm);
  });

  it('keeps packets, so that its tracks can be derived again', async () => {
    const [database, store] = [app.app.get(Database), app.app.get<ObjectStore>(ObjectStore)];
    const [publisher, logger] = [app.app.get(EventPublishers).create('derive'), app.app.get<Logger>(LOGGER)];
    const before = await store.read(prefix() + trackOf('cem', 'video').media!.key);
    const tracks = await rederiveRecording(state.recordingId, { database, store, publisher, logger });
    expect(tracks.map(({ source, sync }) => [source, sync?.method]).sort()).toEqual([
      ['camera', 'sender-reports'],
      ['microphone', 'sender-reports'],
    ]);
    expect(Buffer.from(await store.read(prefix() + trackOf('cem', 'video').media!.key)).equals(before)).toBe(true);
  });
});

it('is shown by the player at any instant', { timeout: 120_000 }, async () => {
  const pages = await openPlayerPages(join(app.dataDir, 'objects', prefix()));
  try {
    const page = await pages.open('player');
    await page.evaluate(openPlayer, pages.manifestUrl);
    for (const seconds of [2.51, 4.01, 1.91]) {
      await page.evaluate(seekPlayer, seconds);
      const path = join(folder, 'shown.png');
      await writeFile(path, await page.screenshot());
      const [picture] = await Array.fromAsync(readFrames(path, { width: 1280, height: 720, pixelFormat: 'rgb24' }));
      for (const [index, name] of (['ann', 'ben', 'cem'] as const).entries()) {
        const number = readFrameNumber(picture!, findTile(picture!, voices[index]!));
        const expected = Math.floor((seconds - begins[name] / 1000) * signal.fps);
        expect(Math.abs((number ?? NaN) - expected), `${name} at ${seconds} s shows ${number}`).toBeLessThanOrEqual(1);
      }
    }
    await page.evaluate(playForASecond);
  } finally {
    await pages.close();
  }
});

describe('an export of an imported recording', () => {
  const render = async (name: string, request: { perspective: string; width: number; height: number; fps: number }) => {
    const outputFile = join(folder, `${name}.mp4`);
    const result = await renderExport({
      objects: folderObjects(join(app.dataDir, 'objects', prefix())),
      request: { ...request, layout: 'grid' },
      workFolder: join(folder, `${name}-work`),
      outputFile,
    });
    expect(result.verification.filter(({ ok }) => !ok)).toEqual([]);
    return { path: outputFile, ...request };
  };

  it('shows and plays everybody at their time, picture and sound together', async () => {
    const film = await render('room', { perspective: 'room', width: 960, height: 540, fps: 30 });
    const judged = await judgeFilm(film, voices.slice(0, 3), { recordedAt: importedAt, cameras: [] });
    for (const [index, name] of (['ann', 'ben', 'cem'] as const).entries()) {
      const { shown, offsetsMs } = judged[index]!;
      const errors = shown.flatMap(({ atMs, frameNumber }) =>
        frameNumber === undefined || atMs >= begins[name] + 5000
          ? []
          : [atMs - begins[name] - (frameNumber * 1000) / signal.fps],
      );
      expect(errors.length, name).toBeGreaterThan(100);
      expect(quantile(errors.map(Math.abs), 0.95), name).toBeLessThan(50);
      expect(offsetsMs.length, name).toBeGreaterThanOrEqual(3);
      expect(Math.max(...offsetsMs.map(Math.abs)), name).toBeLessThan(60);
    }
    const beeps = beepStarts(await readSamples(film.path), voices[3]).map((atMs) => atMs - begins.dora);
    expect(beeps).toHaveLength(5);
    for (const atMs of beeps) expect(Math.abs(atMs - Math.round(atMs / 1000) * 1000)).toBeLessThan(30);
  });

  it('shows the page as it was', async () => {
    const [fps, width, height] = [10, 320, 180];
    const { path } = await render('page', { perspective: 'dom:ann', width, height, fps });
    const colors: string[] = [];
    for await (const { data } of readFrames(path, { width, height, pixelFormat: 'rgb24' })) {
      const [red, , blue] = data.subarray((90 * width + 160) * 3);
      colors.push(blue! > 150 && red! < 50 ? 'blue' : red! > 150 && blue! < 50 ? 'red' : 'neither');
    }
    const frameOf = (atMs: number): number => (atMs * fps) / 1000;
    expect(new Set(colors.slice(frameOf(300), frameOf(turnsRedMs)))).toEqual(new Set(['blue']));
    expect(new Set(colors.slice(frameOf(turnsRedMs) + 1, frameOf(5000)))).toEqual(new Set(['red']));
  });
});

/** These run in the page. */
async function openPlayer(src: string): Promise<void> {
  const player = document.createElement('rushes-player');
  player.setAttribute('perspective', 'room');
  player.style.cssText = 'display:block;width:1280px;height:720px';
  const isReady = new Promise((resolve) => player.addEventListener('canplay', resolve, { once: true }));
  player.setAttribute('src', src);
  document.body.append(player);
  await isReady;
}
async function seekPlayer(seconds: number): Promise<void> {
  const player = document.querySelector<RushesPlayer>('rushes-player')!;
  const hasSought = new Promise((resolve) => player.addEventListener('seeked', resolve, { once: true }));
  player.currentTime = seconds;
  await hasSought;
}
async function playForASecond(): Promise<void> {
  const player = document.querySelector<RushesPlayer>('rushes-player')!;
  const fromSeconds = player.currentTime;
  player.muted = true;
  await player.play();
  while (player.currentTime < fromSeconds + 1) await new Promise(requestAnimationFrame);
  player.pause();
}
