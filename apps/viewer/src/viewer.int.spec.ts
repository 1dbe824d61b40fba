import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RushesPlayer } from '@rushes/player';
import type { Manifest } from '@rushes/timeline';
import { whiteboardPlugin } from '@rushes/whiteboard';
import { syntheticSurface, writeSyntheticRecording } from '../../../test/fixtures/synthetic-recording.ts';
import { openViewerPages, type ViewerPages } from '../../../test/fixtures/viewer-pages.ts';

let folder: string;
let pages: ViewerPages;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-viewer-recording-'));
  await writeSyntheticRecording(folder, { participants: 3, plugins: [whiteboardPlugin] });
  pages = await openViewerPages({ folder, exportFile: join(folder, 'tracks/cam-p1/media.webm') });
});

afterAll(async () => {
  await pages?.close();
  await rm(folder, { recursive: true, force: true });
});

async function openRecording(): Promise<Page> {
  const page = await pages.open('/?recording=synthetic');
  await page.waitForSelector('.line');
  return page;
}

/** Until `read` gives `expected`, which the page changes to by itself. */
async function becomes<T>(page: Page, read: () => T, expected: T): Promise<void> {
  await page.waitForFunction(`JSON.stringify((${read.toString()})()) === ${JSON.stringify(JSON.stringify(expected))}`);
}

const currentLine = () => document.querySelector('.line[aria-current] .line-text')?.textContent ?? null;

describe('access', () => {
  it('explains itself to whoever comes without a token', async () => {
    const page = await pages.open('/', { token: null });
    await page.waitForSelector('::-p-text(You need a link to watch)');
    expect(pages.server.requests.filter((path) => path.startsWith('/v1/'))).toEqual([]);
  });

  it('explains itself when the token has expired', async () => {
    const page = await pages.open('/', { token: 'old' });
    await page.waitForSelector('::-p-text(This link has expired)');
    const recording = await pages.open('/?recording=synthetic', { token: 'old' });
    await recording.waitForSelector('::-p-text(This link has expired)');
  });

  it('takes the token out of the address and keeps it over a reload', async () => {
    const page = await pages.open('/');
    await page.waitForSelector('.recording-card');
    expect(page.url()).toBe(`${pages.server.origin}/`);
    await page.reload();
    await page.waitForSelector('.recording-card');
  });
});

describe('the list', () => {
  it('shows title, length, participants and state, and leads to the recording', async () => {
    const page = await pages.open('/');
    await page.waitForSelector('.recording-names');
    const text = await page.$eval('.recording-card', (card) => card.textContent);
    for (const part of ['Synthetic meeting', '15 Jan 2026', '0:12', '3 participants', 'Ada Lovelace', 'Ready']) {
      expect(text).toContain(part);
    }
    await page.click('.recording-card');
    await page.waitForSelector('.strip');
  });
});

describe('a recording’s page', () => {
  it('follows the time in its panels and goes where one clicks', async () => {
    const page = await openRecording();
    expect(await page.$$eval('.line-future', (lines) => lines.length)).toBe(2);
    await page.click('.line:nth-of-type(1)');
    await becomes(page, currentLine, 'Hello everybody, shall we begin?');
    await page.click('.strip-list .chip');
    await becomes(page, () => document.querySelector<RushesPlayer>('rushes-player')!.currentTime, 8);
    await becomes(page, currentLine, 'Yes – <b>let us</b> vote 🎈');
    await page.click('#tab-polls');
    await becomes(page, () => [...document.querySelectorAll('.poll-options b')].map((count) => count.textContent), [
      '1',
      '1',
    ]);
    await page.click('.poll-times .chip');
    await becomes(page, () => [...document.querySelectorAll('.poll-options b')].map((count) => count.textContent), [
      '0',
      '0',
    ]);
    await page.click('#tab-people');
    expect(await page.$$eval('.person', (people) => people.length)).toBe(3);
    await page.click('#tab-board');
    await page.waitForSelector('::-p-text(The whiteboard is empty)');
    await page.evaluate(() => (document.querySelector<RushesPlayer>('rushes-player')!.currentTime = 6));
    await page.waitForSelector('::-p-text(2 strokes)');
  });

  it('is driven by media-chrome’s controls', async () => {
    const page = await openRecording();
    const read = <K extends keyof RushesPlayer>(key: K) =>
      page.$eval('rushes-player', (player, key) => (player as RushesPlayer)[key as 'paused'], key);
    await page.waitForSelector('media-play-button[mediapaused]');
    await page.click('media-play-button');
    await page.waitForSelector('media-play-button:not([mediapaused])');
    await becomes(page, () => document.querySelector<RushesPlayer>('rushes-player')!.currentTime > 0.5, true);
    await page.click('media-playback-rate-button');
    await becomes(page, () => document.querySelector<RushesPlayer>('rushes-player')!.playbackRate, 1.5);
    await page.click('media-mute-button');
    expect(await read('muted')).toBe(true);
    await page.click('media-play-button');
    expect(await read('paused')).toBe(true);
    const range = await (await page.$('media-time-range'))!.boundingBox();
    await page.mouse.click(range!.x + range!.width * 0.75, range!.y + range!.height / 2);
    await becomes(page, () => Math.round(document.querySelector<RushesPlayer>('rushes-player')!.currentTime), 9);
    await page.click('media-fullscreen-button');
    await becomes(page, () => document.fullscreenElement?.localName ?? null, 'media-controller');
  });

  it('is driven by keys pressed anywhere, and by a click on the picture', async () => {
    const page = await openRecording();
    const isPaused = () => document.querySelector<RushesPlayer>('rushes-player')!.paused;
    const seconds = () => Math.round(document.querySelector<RushesPlayer>('rushes-player')!.currentTime);
    await page.waitForSelector('media-play-button[mediapaused]');
    await page.keyboard.press('k');
    await becomes(page, isPaused, false);
    await page.keyboard.press('Space');
    await becomes(page, isPaused, true);
    await page.keyboard.press('End');
    await becomes(page, seconds, 12);
    await page.keyboard.press('ArrowLeft');
    await becomes(page, seconds, 2);
    await page.keyboard.press('Home');
    await becomes(page, seconds, 0);
    await page.click('rushes-player');
    await becomes(page, isPaused, false);
    await page.click('rushes-player');
    await becomes(page, isPaused, true);
    // The space bar on a button is that button's.
    await page.focus('#tab-polls');
    await page.keyboard.press('Space');
    await page.waitForSelector('#tab-polls[aria-selected="true"]');
    expect(await page.evaluate(isPaused)).toBe(true);
  });

  it('shows where a running recording stands on every control, and exports nothing of it yet', async () => {
    const page = await pages.openChanged((manifest) => ({ ...manifest, status: 'recording' }));
    await page.waitForSelector('::-p-text(Live now)');
    await becomes(page, () => document.querySelector('media-time-display')!.getAttribute('mediacurrenttime'), '10');
    await page.click('.recording-header .button-main');
    await page.waitForSelector('::-p-text(possible when it has ended)');
    expect(await page.$eval('.export-form .button-main', (button) => (button as HTMLButtonElement).disabled)).toBe(
      true,
    );
  });

  it.each([1440, 390])('stays within %i pixels with a name of a hundred letters', async (width) => {
    const name = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(3).slice(0, 100);
    const rename = (manifest: Manifest): Manifest => ({
      ...manifest,
      participants: manifest.participants.map((person) => ({ ...person, name })),
      perspectives: manifest.perspectives.map(({ id }) => ({ id, title: `As ${name} saw it` })),
      markers: [{ atMs: 1000, label: name }] as Manifest['markers'],
    });
    const page = await pages.openChanged(rename, { width, height: 844 });
    await page.waitForSelector('.line');
    await page.click('#tab-people');
    const outside = () =>
      [...document.querySelectorAll('.recording-page *, .dialog *')]
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
        .map((element) => element.outerHTML.slice(0, 100));
    expect(await page.evaluate(outside)).toEqual([]);
    await page.click('.recording-header .button-main');
    await page.waitForSelector('.export-form');
    expect(await page.evaluate(outside)).toEqual([]);
  });

  it('says of a recording without names that it has none', async () => {
    const page = await pages.openChanged((manifest) => ({ ...manifest, participants: [] }));
    await page.waitForSelector('#tab-people');
    await page.click('#tab-people');
    await page.waitForSelector('::-p-text(does not say who took part)');
  });

  it('changes perspective and layout without losing its place', async () => {
    const page = await openRecording();
    await page.evaluate(() => (document.querySelector<RushesPlayer>('rushes-player')!.currentTime = 6));
    await page.select('.view-choice select', `dom:${syntheticSurface}`);
    await becomes(
      page,
      () => document.querySelector('rushes-player')!.shadowRoot!.querySelector('iframe') !== null,
      true,
    );
    await page.select('.view-choice select', 'room');
    await page.click('.segmented label:nth-child(2)');
    await becomes(page, () => document.querySelector<RushesPlayer>('rushes-player')!.layout, 'speaker');
    await becomes(page, () => document.querySelector<RushesPlayer>('rushes-player')!.readyState, 4);
    expect(await page.$eval('rushes-player', (player) => (player as RushesPlayer).currentTime)).toBe(6);
  });

  it('exports, shows how far it is, and then the file', async () => {
    const page = await openRecording();
    await page.click('.recording-header .button-main');
    await page.select('.export-form label:nth-child(3) select', '1920x1080');
    await page.click('.export-form .button-main');
    await page.waitForSelector('.export-video');
    expect(pages.exportRequests).toEqual([{ perspective: 'room', layout: 'grid', width: 1920, height: 1080, fps: 30 }]);
    await becomes(page, () => document.querySelector<HTMLVideoElement>('.export-video')!.videoWidth, 640);
    await page.click('.export-form .button-main');
    await page.waitForSelector('::-p-text(40 %)');
    await page.click('.export-progress .button');
    await page.waitForSelector('::-p-text(Cancelled.)');
    await page.select('.export-form label:nth-child(4) select', '24');
    await page.click('.export-form .button-main');
    await page.waitForSelector('::-p-text(24 is not possible)');
  });

  it('has no side-scrolling on a phone and names every control', async () => {
    const page = await pages.open('/?recording=synthetic', { width: 390, height: 844 });
    await page.waitForSelector('.line');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const unnamed = await page.$$eval('button, a, select, input', (controls) =>
      controls
        .filter(
          (control) => !control.textContent.trim() && !control.getAttribute('aria-label') && !control.closest('label'),
        )
        .map((control) => control.outerHTML),
    );
    expect(unnamed).toEqual([]);
  });
});

// The last one: nothing is left for others.
describe('a recording that is deleted while it is looked at', () => {
  it('says so, instead of an export that never goes on', async () => {
    const page = await openRecording();
    await page.click('.recording-header .button-main');
    await page.click('.export-form .button-main');
    await page.waitForSelector('::-p-text(40 %)');
    pages.deleteRecording();
    await page.waitForSelector('::-p-text(This recording was deleted)');
    expect(await page.$$eval('.dialog, rushes-player', (found) => found.length)).toBe(0);
    await page.waitForSelector('a[href="/"]');
  });

  it('says so again after a reload', async () => {
    const page = await pages.open('/?recording=gone');
    await page.waitForSelector('::-p-text(This recording was deleted)');
  });
});
