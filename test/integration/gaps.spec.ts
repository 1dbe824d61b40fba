import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RushesPlayer } from '@rushes/player';
import { renderExport } from '@rushes/render';
import type { Manifest } from '@rushes/timeline';
import { folderObjects } from '../../libs/render/src/testing/folder-objects.ts';
import { beepStarts, readSamples } from '../content/read-audio.ts';
import { readTiles, type Shown } from '../content/read-video.ts';
import { readStrip, strip, voices } from '../content/signal.ts';
import { gappedPeople, instantOf, writeGappedRecording, type GappedPerson } from '../fixtures/gapped-recording.ts';
import { againIfMachineStoodStill } from '../fixtures/machine-watch.ts';
import { openPlayerPages, type PlayerPages } from '../fixtures/player-pages.ts';

const frameMs = 1000 / 30;
const size = { width: 1280, height: 720 };
/** Of frames that came: what lies between them at an instant is the one before. */
const lastFrame = 299;

let folder: string;
let manifest: Manifest;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-gaps-'));
  manifest = await writeGappedRecording(join(folder, 'recording'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The gap of a person's picture: from the last frame that came to the next one that can be decoded. */
function pictureGap({ missing }: GappedPerson): { lastFrame: number; nextFrame: number } {
  const lastFrame = Math.ceil((missing.fromMs - 500) / frameMs) - 1;
  // A key frame every two seconds.
  return { lastFrame, nextFrame: Math.ceil((missing.toMs - 500) / 2000) * 60 };
}

/** The frame that is to be seen at an instant: the latest that came. */
function expectedFrame(person: GappedPerson, atMs: number): number {
  const captured = Math.min(lastFrame, Math.floor((atMs - instantOf(0)) / frameMs + 0.05));
  const gap = pictureGap(person);
  return captured > gap.lastFrame && captured < gap.nextFrame ? gap.lastFrame : captured;
}

/** Whether the room shows the person's picture: not while the camera is said to be off. */
function isPictureOn({ reason, missing }: GappedPerson, atMs: number): boolean {
  return reason !== 'camera-off' || atMs < missing.fromMs || atMs >= missing.toMs;
}

describe('gaps', () => {
  it.each(gappedPeople)('of the reason $reason stand in the manifest', (person) => {
    const { missing, reason, participantId } = person;
    const gapsOf = (kind: string) =>
      manifest.tracks.find((track) => track.participantId === participantId && track.kind === kind)!.gaps;
    const { lastFrame, nextFrame } = pictureGap(person);
    const picture = { fromMs: Math.round(instantOf(lastFrame)), toMs: Math.round(instantOf(nextFrame)), reason };
    expect(gapsOf('video')).toEqual([picture]);
    const sound = { fromMs: missing.fromMs + 5, toMs: missing.toMs + 5 };
    expect(gapsOf('audio')).toEqual([{ ...sound, reason: reason === 'camera-off' ? 'muted' : reason }]);
  });
});

describe('in the MP4', () => {
  let path: string;
  let shown: Shown[][];
  beforeAll(async () => {
    path = join(folder, 'export.mp4');
    const { verification } = await renderExport({
      objects: folderObjects(join(folder, 'recording')),
      request: { perspective: 'room', layout: 'grid', ...size, fps: 30 },
      workFolder: join(folder, 'work'),
      outputFile: path,
    });
    expect(verification.filter(({ ok }) => !ok)).toEqual([]);
    shown = await readTiles(path, { ...size, fps: 30, voices: voices.slice(0, gappedPeople.length) });
  });

  it.each(gappedPeople.map((person, index) => ({ ...person, index })))(
    'the picture of a gap of $reason is the last one, or the avatar, and everything after it is in time',
    ({ index, ...person }) => {
      const frames = shown[index]!.filter(({ atMs }) => atMs > instantOf(1));
      const wrong = frames.filter(({ atMs, frameNumber }) => {
        const expected = expectedFrame(person, atMs);
        return !isPictureOn(person, atMs) || frameNumber === undefined || Math.abs(frameNumber - expected) > 1;
      });
      expect(wrong).toEqual([]);
      const isThere = (atMs: number) => frames.some((frame) => Math.abs(frame.atMs - atMs) < 1);
      const instants = Array.from({ length: 280 }, (_, n) => 600 + n * frameMs);
      expect(instants.filter((atMs) => isPictureOn(person, atMs) && !isThere(atMs))).toEqual([]);
    },
  );

  it('the sound of a gap is silence as long as the gap', async () => {
    const samples = await readSamples(path);
    for (const [index, { missing, participantId }] of gappedPeople.entries()) {
      const sent = Array.from({ length: 10 }, (_, second) => 500 + second * 1000);
      const heard = beepStarts(samples, voices[index]!);
      const expected = sent.filter((atMs) => atMs < missing.fromMs || atMs >= missing.toMs);
      expect(heard, participantId).toHaveLength(expected.length);
      const errors = heard.map((atMs, n) => Math.abs(atMs - 5 - expected[n]!));
      expect(Math.max(...errors), participantId).toBeLessThan(25);
    }
  });
});

const again = againIfMachineStoodStill();

describe('in the player', again, () => {
  let pages: PlayerPages;
  let page: Page;
  beforeAll(async () => {
    pages = await openPlayerPages(join(folder, 'recording'));
    page = await pages.open('player');
    await page.evaluate(installProbe, { manifestUrl: pages.manifestUrl, cells: strip.cells, top: strip.top });
    await page.evaluate(() => probe.open());
  });
  afterAll(() => pages?.close());

  function judge({ atMs, pictures }: Sight): { participantId: string; atMs: number; framesOff: number | string }[] {
    return gappedPeople.flatMap((person) => {
      const { participantId } = person;
      const brightness = pictures[`cam-${participantId}`];
      if (brightness === undefined || !isPictureOn(person, atMs)) {
        const isRight = (brightness !== undefined) === isPictureOn(person, atMs);
        return isRight ? [] : [{ participantId, atMs, framesOff: brightness ? 'not hidden' : 'not there' }];
      }
      const number = readStrip(brightness);
      const framesOff = number === undefined ? 'unreadable' : number - expectedFrame(person, atMs);
      return [{ participantId, atMs, framesOff }];
    });
  }

  it('a seek into a gap shows the last picture or the avatar, and one behind it the right picture', async () => {
    for (const seconds of [6.2, 3.5, 2.6, 4.45, 4.6, 6.45, 6.6, 9.3]) {
      const sight = await page.evaluate((seconds) => probe.seek(seconds), seconds);
      const judged = judge(sight);
      expect(judged.length, String(seconds)).toBeGreaterThanOrEqual(2);
      expect(judged.filter(({ framesOff }) => framesOff !== 0)).toEqual([]);
    }
  });

  it('playing goes through gaps without waiting, holds the pictures, and is in time behind them', async () => {
    await page.evaluate(() => probe.seek(2.4));
    const { sights, waits } = await page.evaluate(() => probe.playTo(7.4));
    expect(waits).toBe(0);
    const judged = sights.flatMap(judge).filter(({ atMs }) => atMs > 2900);
    const off = judged.map(({ framesOff }) => (typeof framesOff === 'number' ? Math.abs(framesOff) : Infinity));
    off.sort((a, b) => a - b);
    expect(off.length).toBeGreaterThan(60);
    // A busy machine drops single frames; that is not drift.
    expect(off[Math.floor(off.length * 0.9)], JSON.stringify(judged)).toBeLessThanOrEqual(2);
    // At once, and not when the browser has forgotten how long it held a picture.
    const behind = judged.filter(({ atMs }) => atMs > 6600).map(({ framesOff }) => Math.abs(Number(framesOff)));
    expect(behind.sort((a, b) => a - b)[Math.floor(behind.length * 0.8)], JSON.stringify(behind)).toBeLessThanOrEqual(
      2,
    );
  });
});

/** What is painted at an instant: the brightness of each picture's strip, by track. */
type Sight = { atMs: number; pictures: Record<string, number[]> };
type Probe = {
  open(): Promise<void>;
  seek(seconds: number): Promise<Sight>;
  playTo(seconds: number): Promise<{ sights: Sight[]; waits: number }>;
};
declare const probe: Probe;

/** Runs in the page. */
function installProbe({ manifestUrl, cells, top }: { manifestUrl: string; cells: number; top: number }): void {
  const canvas = new OffscreenCanvas(cells, 1);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const player = document.createElement('rushes-player') as RushesPlayer;
  const when = (event: string) =>
    new Promise<void>((resolve) => player.addEventListener(event, () => resolve(), { once: true }));
  const look = (): Sight => {
    const pictures: Record<string, number[]> = {};
    const atMs = player.currentTime * 1000;
    for (const video of player.shadowRoot!.querySelectorAll('video')) {
      if (!video.checkVisibility()) continue;
      const { videoWidth, videoHeight } = video;
      const trackId = /tracks\/([^/]+)/.exec(video.src)![1]!;
      pictures[trackId] = Array.from({ length: cells }, (_, cell) => {
        const [x, y] = [((cell + 0.5) / cells) * videoWidth, (top + 0.06) * videoHeight];
        context.drawImage(video, x, y, 1, 1, cell, 0, 1, 1);
        return context.getImageData(cell, 0, 1, 1).data[1]!;
      });
    }
    return { atMs, pictures };
  };
  const probe: Probe = {
    async open() {
      player.setAttribute('src', manifestUrl);
      const ready = when('canplay');
      document.body.replaceChildren(player);
      await ready;
    },
    async seek(seconds) {
      const seeked = when('seeked');
      player.currentTime = seconds;
      await seeked;
      return look();
    },
    async playTo(seconds) {
      const sights: Sight[] = [];
      let waits = 0;
      await player.play();
      player.addEventListener('waiting', () => waits++);
      while (player.currentTime < seconds) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        sights.push(look());
      }
      player.pause();
      return { sights, waits };
    },
  };
  Object.assign(window, { probe });
}
