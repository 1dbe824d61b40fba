import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whiteboardPlugin } from '@rushes/whiteboard';
import { againIfMachineStoodStill } from '../../../../test/fixtures/machine-watch.ts';
import { openPlayerPages, type PlayerPages } from '../../../../test/fixtures/player-pages.ts';
import { bitStrip, syntheticSurface, writeSyntheticRecording } from '../../../../test/fixtures/synthetic-recording.ts';
import type { RushesPlayer } from './rushes-player.ts';

let folder: string;
let pages: PlayerPages;
let page: Page;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-player-'));
  await writeSyntheticRecording(folder, { participants: 3, plugins: [whiteboardPlugin] });
  pages = await openPlayerPages(folder);
  page = await pages.open('player');
  await page.evaluate(installProbe, { manifestUrl: pages.manifestUrl, strip: bitStrip });
});

afterAll(async () => {
  await pages?.close();
  await rm(folder, { recursive: true, force: true });
});

/** What the specs use inside the page. */
type Probe = {
  open(attributes: Record<string, string>): Promise<void>;
  seek(seconds: number): Promise<void>;
  /** Burned-in numbers of the pictures on the stage, by src, as painted. */
  frames(): Promise<Record<string, number>>;
  /** The elements that show pictures. */
  pictures(): HTMLVideoElement[];
  when(event: string): Promise<void>;
  names: string[];
  player: RushesPlayer;
  text(): string;
};
declare const probe: Probe;

const again = againIfMachineStoodStill();

describe.each(['room', `dom:${syntheticSurface}`] as const)(
  '<rushes-player> in the perspective %s',
  again,
  (perspective) => {
    it('shows after a seek the picture and the events of that instant', async () => {
      await page.evaluate((perspective) => probe.open({ perspective }), perspective);
      for (const seconds of [6.05, 1.99, 7.5, 2.0, 11.2]) {
        await page.evaluate((seconds) => probe.seek(seconds), seconds);
        const frames = await page.evaluate(() => probe.frames());
        for (const [trackId, frame] of Object.entries(frames)) {
          expect({ trackId, seconds, frame }).toEqual({
            trackId,
            seconds,
            frame: expectedFrame(trackId, seconds * 1000),
          });
        }
        expect(Object.keys(frames)).toContain('cam-p1');
        expect((await page.evaluate(() => probe.text())).includes('Hello everybody')).toBe(seconds >= 2);
      }
    });

    it('keeps pictures and sound together while it plays', async () => {
      await page.evaluate((perspective) => probe.open({ perspective }), perspective);
      await page.evaluate(() => probe.seek(1));
      const offsets = await page.evaluate(playAndMeasure, 3);
      expect(offsets.length).toBeGreaterThan(20);
      // A busy machine drops single frames; that is not drift.
      const sizes = offsets.map((offset) => Math.abs(offset.ms)).sort((a, b) => a - b);
      expect(sizes[Math.floor(sizes.length * 0.9)], JSON.stringify(offsets)).toBeLessThan(80);
      expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThan(60);
    });
  },
);

describe('<rushes-player> as a media element', again, () => {
  it('tells loading, seeking, playing and the end in the order of a media element', async () => {
    await page.evaluate(() => probe.open({ perspective: 'room' }));
    expect(await page.evaluate(() => [probe.player.duration, probe.player.paused, probe.player.readyState])).toEqual([
      12,
      true,
      4,
    ]);
    await page.evaluate(async () => {
      await probe.seek(11.3);
      const ended = probe.when('ended');
      await probe.player.play();
      await ended;
    });
    const names = await page.evaluate(() =>
      probe.names.filter((name) => name !== 'timeupdate' && name !== 'statechange'),
    );
    expect(names).toEqual([
      ...['loadstart', 'durationchange', 'loadedmetadata', 'loadeddata', 'canplay'],
      ...['seeking', 'seeked', 'play', 'playing', 'pause', 'ended'],
    ]);
    expect(await page.evaluate(() => [probe.player.ended, probe.player.paused, probe.player.currentTime])).toEqual([
      true,
      true,
      12,
    ]);
  });

  it('plays at the asked rate', async () => {
    const advanced = await page.evaluate(async () => {
      await probe.open({ perspective: 'room' });
      probe.player.playbackRate = 2;
      await probe.player.play();
      const [from, began] = [probe.player.currentTime, performance.now()];
      while (performance.now() - began < 2000) await probe.when('timeupdate');
      const ratio = (probe.player.currentTime - from) / ((performance.now() - began) / 1000);
      probe.player.pause();
      probe.player.playbackRate = 1;
      return ratio;
    });
    expect(advanced).toBeGreaterThan(1.85);
    expect(advanced).toBeLessThan(2.15);
  });

  it('changes the perspective while playing and goes on', async () => {
    const result = await page.evaluate(async (perspective) => {
      await probe.open({ perspective: 'room' });
      await probe.seek(3);
      await probe.player.play();
      const playing = probe.when('playing');
      probe.player.setAttribute('perspective', perspective);
      await playing;
      await probe.when('timeupdate');
      const { paused, currentTime } = probe.player;
      probe.player.pause();
      return { paused, isOn: currentTime >= 3 && currentTime < 5, pictures: Object.keys(await probe.frames()).sort() };
    }, `dom:${syntheticSurface}`);
    expect(result).toEqual({ paused: false, isOn: true, pictures: ['cam-p1', 'cam-p2', 'cam-p3'] });
  });

  it('goes over a chunk’s border without a moment in which a picture is missing', async () => {
    const missing = await page.evaluate(async (perspective) => {
      await probe.open({ perspective });
      await probe.seek(3.5);
      await probe.player.play();
      const missing: number[] = [];
      while (probe.player.currentTime < 5.6) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        if (probe.pictures().some((video) => video.readyState < 2) || probe.pictures().length !== 3) {
          missing.push(probe.player.currentTime);
        }
      }
      probe.player.pause();
      return missing;
    }, `dom:${syntheticSurface}`);
    expect(missing).toEqual([]);
  });

  it('says what is wrong when the recording cannot be had', async () => {
    const error = await page.evaluate(async () => {
      await probe.open({ src: '/recording/none.json' });
      return { code: probe.player.error?.code, readyState: probe.player.readyState };
    });
    expect(error).toEqual({ code: 'not-found', readyState: 0 });
  });
});

function expectedFrame(trackId: string, atMs: number): number {
  const startMs: Record<string, number> = {
    'cam-p1': 0,
    'cam-p2': 137,
    'cam-p3': 274,
    'scr-p1': 7000,
    'cam-p3b': 11_000,
  };
  // WebM's timestamps are whole milliseconds.
  const fileMs = atMs - startMs[trackId]! + 0.5;
  let frame = Math.floor((fileMs * 30) / 1000) + 1;
  while (Math.round((frame * 1000) / 30) > fileMs) frame--;
  return frame;
}

/** Runs in the page. */
function installProbe({ manifestUrl, strip }: { manifestUrl: string; strip: typeof bitStrip }): void {
  const canvas = document.createElement('canvas');
  const documents = (player: RushesPlayer): (ShadowRoot | Document)[] => {
    const root = player.shadowRoot!;
    const frames = root.querySelectorAll<HTMLIFrameElement>('.rushes-surface:not(.waiting) iframe');
    return [root, ...Array.from(frames, (frame) => frame.contentDocument!)];
  };
  const videos = (player: RushesPlayer) => documents(player).flatMap((tree) => [...tree.querySelectorAll('video')]);
  const probe: Probe = {
    names: [],
    player: undefined as unknown as RushesPlayer,
    async open(attributes) {
      document.body.replaceChildren();
      const player = document.createElement('rushes-player') as RushesPlayer;
      probe.player = player;
      probe.names = [];
      const names = [
        'loadstart',
        'durationchange',
        'loadedmetadata',
        'loadeddata',
        'canplay',
        'seeking',
        'seeked',
        'play',
      ];
      names.push('playing', 'pause', 'waiting', 'ended', 'error', 'timeupdate', 'statechange');
      for (const name of names) player.addEventListener(name, () => probe.names.push(name));
      for (const [name, value] of Object.entries({ src: manifestUrl, ...attributes })) player.setAttribute(name, value);
      const settled = Promise.race([probe.when('canplay'), probe.when('error')]);
      document.body.append(player);
      await settled;
    },
    when: (event) => new Promise((resolve) => probe.player.addEventListener(event, () => resolve(), { once: true })),
    async seek(seconds) {
      const seeked = probe.when('seeked');
      probe.player.currentTime = seconds;
      await seeked;
    },
    pictures: () => videos(probe.player),
    async frames() {
      const found: Record<string, number> = {};
      for (const video of videos(probe.player)) {
        const { videoWidth: width, videoHeight: height } = video;
        canvas.width = width;
        canvas.height = height;
        const context = canvas.getContext('2d', { willReadFrequently: true })!;
        context.drawImage(video, 0, 0);
        let number = 0;
        for (let bit = 0; bit < strip.bits; bit++) {
          const x = Math.round(width * (strip.left + ((bit + 0.5) / strip.bits) * strip.width));
          const [red = 0] = context.getImageData(x, Math.round(height * (strip.top + strip.height / 2)), 1, 1).data;
          number = number * 2 + (red > 128 ? 1 : 0);
        }
        found[/tracks\/([^/]+)/.exec(video.src)![1]!] = number;
      }
      return found;
    },
    text: () =>
      documents(probe.player)
        .map((tree) => (tree instanceof ShadowRoot ? tree : tree.body).textContent)
        .join(' '),
  };
  Object.assign(window, { probe });
}

/** Runs in the page: plays and compares the painted pictures' numbers with the player's time. */
async function playAndMeasure(seconds: number): Promise<{ trackId: string; ms: number; atMs: number }[]> {
  const offsets: { trackId: string; ms: number; atMs: number }[] = [];
  const startMs: Record<string, number> = { 'cam-p1': 0, 'cam-p2': 137, 'cam-p3': 274 };
  await probe.player.play();
  const until = probe.player.currentTime + seconds;
  while (probe.player.currentTime < until) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const atMs = probe.player.currentTime * 1000;
    // The first second is for catching up after the start.
    if (atMs < 2000) continue;
    for (const [trackId, frame] of Object.entries(await probe.frames())) {
      // 0 while the instant is within the frame's own time.
      const early = startMs[trackId]! + (frame * 1000) / 30 - atMs;
      const late = startMs[trackId]! + ((frame + 1) * 1000) / 30 - atMs;
      const ms = early > 0 ? early : Math.min(0, late);
      offsets.push({ trackId, ms: Math.round(ms), atMs: Math.round(atMs) });
    }
  }
  probe.player.pause();
  return offsets;
}
