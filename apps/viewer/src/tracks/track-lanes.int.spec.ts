import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RushesPlayer } from '@rushes/player';
import type { Manifest } from '@rushes/timeline';
import { writeSyntheticRecording } from '../../../../test/fixtures/synthetic-recording.ts';
import { openViewerPages, type ViewerPages } from '../../../../test/fixtures/viewer-pages.ts';

let folder: string;
let pages: ViewerPages;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-lanes-'));
  await writeSyntheticRecording(folder, { participants: 3, media: false });
  pages = await openViewerPages({ folder, exportFile: join(folder, 'manifest.json') });
});

afterAll(async () => {
  await pages?.close();
  await rm(folder, { recursive: true, force: true });
});

const lost = (fromMs: number, toMs: number, reason: Manifest['gaps'][number]['reason']) => [{ fromMs, toMs, reason }];

const loseSome = (manifest: Manifest): Manifest => ({
  ...manifest,
  tracks: manifest.tracks.map((track) => {
    if (track.trackId === 'cam-p1') return { ...track, gaps: lost(3000, 5400, 'network-loss') };
    if (track.trackId === 'mic-p1') return { ...track, gaps: lost(6000, 9000, 'dtx') };
    return track;
  }),
});

describe('the tracks below the player', () => {
  it.each([1280, 390])('shows on %i pixels what each track misses, and why', async (width) => {
    const page = await pages.openChanged(loseSome, { width, height: 844 });
    // By itself only when something was lost; what was muted is drawn otherwise, what was silence not at all.
    await page.waitForSelector('.lanes[open] .lane');
    const lanes = () =>
      [...document.querySelectorAll('.lane-bar')].slice(0, 3).map((bar) => bar.getAttribute('aria-label'));
    expect(await page.evaluate(lanes)).toEqual([
      'Ada Lovelace · microphone: nothing is missing',
      'Ada Lovelace · camera: network loss from 0:03 to 0:05',
      'Ada Lovelace · screen: nothing is missing',
    ]);
    expect(await page.$$eval('.lane-gap.lane-chosen', (gaps) => gaps.length)).toBe(1);
    await page.click('.lanes-key input');
    expect((await page.evaluate(lanes))[0]).toBe('Ada Lovelace · microphone: silence from 0:06 to 0:09');
    const camera = (await page.$('.lane:nth-child(2) .lane-bar'))!;
    await camera.scrollIntoView();
    const bar = (await camera.boundingBox())!;
    await page.mouse.click(bar.x + bar.width * 0.4, bar.y + bar.height / 2);
    const facts = await page.$eval('.lane:nth-child(2) .lane-facts', (told) => told.textContent);
    expect(facts).toBe('0:03–0:05 network loss 2.4 s');
    await page.waitForFunction(
      () => Math.round(document.querySelector<RushesPlayer>('rushes-player')!.currentTime) === 5,
    );
    await page.click('.lane:nth-child(2) .lane-title');
    await page.waitForSelector('::-p-text(clock from 10 sender reports · 95 % of them within 0.4 ms)');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });

  it('says of the whole recording, and of each participant, once what was lost for longer', async () => {
    const page = await pages.openChanged((manifest) => ({
      ...manifest,
      gaps: lost(3000, 5000, 'recorder-down'),
      markers: [],
      tracks: manifest.tracks.map((track) => {
        const gaps =
          track.participantId === 'p2' ? lost(7000, 8500, 'network-loss') : lost(2990, 5000, 'recorder-down');
        return { ...track, gaps };
      }),
      timeline: {
        ...manifest.timeline,
        surfaces: manifest.timeline.surfaces.map((surface) => {
          return { ...surface, gaps: lost(9000, 11_000, 'capture-lost') };
        }),
      },
    }));
    await page.waitForSelector('.chip-gap');
    const chips = await page.$$eval('.strip-list .chip', (all) => all.map((chip) => chip.textContent));
    expect(chips).toEqual([
      '0:03 the recorder was down, 2.0 s',
      '0:07 Bo Diddley: network loss, 1.5 s',
      '0:09 Ada Lovelace: the page was not captured, 2.0 s',
    ]);
  });

  it('keeps the tracks to itself while nothing was lost', async () => {
    const page = await pages.open('/?recording=synthetic');
    await page.waitForSelector('::-p-text(Nothing was lost)');
    expect(await page.$('.lane')).toBeNull();
    await page.click('.lanes > summary');
    await page.waitForSelector('.lane');
  });
});
