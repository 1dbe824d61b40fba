import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from 'vite';
import { startRooms, type RunningRooms } from '@rushes/rooms/testing';
import { whiteboardPlugin, type Board } from '@rushes/whiteboard';
import { MeetingBrowser } from './meeting-browser.ts';

const appFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const webDir = join(appFolder, '../../dist/web');
const patience = { timeout: 30_000 };

let rooms: RunningRooms;
let browsers: MeetingBrowser[];

beforeAll(async () => {
  await build({ root: appFolder, configFile: join(appFolder, 'vite.config.ts'), logLevel: 'warn' });
  rooms = await startRooms({ plugins: [whiteboardPlugin] }, { RUSHES_WEB_DIR: webDir });
  browsers = await Promise.all([MeetingBrowser.launch(), MeetingBrowser.launch()]);
});
afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  await rooms.close();
});

async function link(roomId: string, participantId: string, role: 'host' | 'guest', extra = ''): Promise<string> {
  const token = await rooms.issue({ roomId, participantId, role });
  return `${rooms.url}/meet/#room=${roomId}&token=${token}${extra}`;
}

/** Resolves when `count` pictures move on the page. */
async function whenMoving(page: Page, count: number): Promise<void> {
  await page.waitForFunction(
    (expected) => {
      const videos = [...document.querySelectorAll<HTMLVideoElement>('video[data-rushes-track]')];
      return videos.filter((video) => video.videoWidth > 0 && video.currentTime > 0.2).length === expected;
    },
    patience,
    count,
  );
}

async function click(page: Page, testId: string): Promise<void> {
  await (await page.waitForSelector(`[data-testid="${testId}"]`, patience))!.click();
}

async function write(page: Page, testId: string, text: string): Promise<void> {
  await (await page.waitForSelector(`[data-testid="${testId}"]`, patience))!.type(text);
}

describe('two people in the meeting page', () => {
  it('see each other, chat, vote, draw, raise hands and share a screen', async () => {
    const ada = (await browsers[0]!.open(await link('tea', 'ada', 'host'))).page;
    await write(ada, 'join-name', 'Ada');
    await click(ada, 'join-button');
    const phone = { width: 390, height: 844 };
    const bob = (await browsers[1]!.open(await link('tea', 'bob', 'guest', '&autojoin=1&name=Bob'), phone)).page;
    await Promise.all([whenMoving(ada, 2), whenMoving(bob, 2)]);

    await click(ada, 'toggle-chat');
    await write(ada, 'chat-input', 'Hello Bob');
    await click(ada, 'chat-send');
    await click(bob, 'toggle-chat');
    await bob.waitForSelector('::-p-text(Hello Bob)', patience);

    await click(ada, 'toggle-polls');
    await write(ada, 'poll-question', 'Milk?');
    await write(ada, 'poll-option-0', 'Yes');
    await write(ada, 'poll-option-1', 'No');
    await click(ada, 'poll-open');
    await bob.evaluate(() => rushesMeeting!.showPanel('polls'));
    await click(bob, 'poll-vote-o2');
    await ada.waitForFunction(
      () => document.querySelector('[data-testid="poll-vote-o2"] .poll-count')?.textContent === '1',
      patience,
    );
    await click(ada, 'poll-close');
    await bob.waitForSelector('[data-testid="poll-vote-o2"]:disabled', patience);
    await bob.evaluate(() => rushesMeeting!.showPanel(null));

    await click(ada, 'toggle-whiteboard');
    const surface = (await (await ada.waitForSelector('[data-testid="board-surface"]', patience))!.boundingBox())!;
    const at = (x: number, y: number) => [surface.x + x * surface.width, surface.y + y * surface.height] as const;
    await ada.mouse.move(...at(0.25, 0.5));
    await ada.mouse.down();
    await ada.mouse.move(...at(0.5, 0.25), { steps: 5 });
    await ada.mouse.move(...at(0.75, 0.5), { steps: 5 });
    await ada.mouse.up();
    await click(bob, 'toggle-whiteboard');
    await bob.waitForFunction(
      () => ((rushesMeeting!.readView().room.plugins.whiteboard as Board).strokes[0]?.points.at(-1)?.[0] ?? 0) > 0.74,
      patience,
    );
    expect(await bob.$$eval('path.stroke', (paths) => paths.length)).toBe(1);

    await click(bob, 'toggle-hand');
    await ada.waitForSelector('[data-testid="tile-bob"] .hand-badge', patience);
    await click(bob, 'toggle-microphone');
    await ada.waitForSelector('[data-testid="tile-bob"] .muted-badge', patience);
    await click(bob, 'toggle-camera');
    await ada.waitForSelector('[data-testid="tile-bob"] .avatar', patience);

    await click(bob, 'toggle-screen');
    await ada.waitForFunction(
      () => document.querySelector<HTMLVideoElement>('[data-testid="tile-screen"] video')?.videoWidth,
      patience,
    );
    await click(bob, 'toggle-screen');
    await ada.waitForSelector('[data-testid="tile-screen"]', { ...patience, hidden: true });
    await ada.evaluate(() => rushesMeeting!.endForAll());
    await bob.waitForSelector('::-p-text(The meeting has ended)', patience);
  });

  it('find each other again after one leaves and joins again, and after the connection was lost', async () => {
    const ada = (await browsers[0]!.open(await link('loss', 'ada', 'host', '&autojoin=1&name=Ada'))).page;
    const bob = (await browsers[1]!.open(await link('loss', 'bob', 'guest', '&autojoin=1&name=Bob'))).page;
    await Promise.all([whenMoving(ada, 2), whenMoving(bob, 2)]);
    await click(bob, 'leave');
    await whenMoving(ada, 1);
    await click(bob, 'rejoin');
    await Promise.all([whenMoving(ada, 2), whenMoving(bob, 2)]);

    const before = await bob.evaluate(() => rushesMeeting!.readView().ownTracks.camera);
    const formerPictures = await bob.evaluateHandle(() => [...document.querySelectorAll('video')]);
    rooms.dropConnections();
    await bob.waitForFunction(
      (former) => {
        const { camera } = rushesMeeting!.readView().ownTracks;
        return camera !== undefined && camera !== former;
      },
      patience,
      before,
    );
    await Promise.all([whenMoving(ada, 2), whenMoving(bob, 2)]);
    const gone = await formerPictures.evaluate((videos) =>
      videos.filter((video) => !video.isConnected).map((video) => video.srcObject),
    );
    expect(gone.length).toBeGreaterThan(0);
    expect(gone.every((held) => held === null)).toBe(true);
  });
});

describe('somebody without camera and microphone', () => {
  it('joins all the same, sees the others and is told what is missing', async () => {
    const bare = await MeetingBrowser.launch({ hasDevices: false });
    try {
      const eve = (await bare.open(await link('bare', 'eve', 'guest', '&name=Eve'))).page;
      await eve.waitForSelector('::-p-text(No camera was found)', patience);
      await click(eve, 'join-button');
      await browsers[0]!.open(await link('bare', 'ada', 'host', '&autojoin=1&name=Ada'));
      await whenMoving(eve, 1);
      await click(eve, 'toggle-microphone');
      await eve.waitForSelector('.toast ::-p-text(No microphone was found)', patience);
    } finally {
      await bare.close();
    }
  });
});

describe('somebody who cannot join', () => {
  it('is told what a link without a token lacks', async () => {
    const { page } = await browsers[0]!.open(`${rooms.url}/meet/`);
    await page.waitForSelector('::-p-text(You need an invitation link)', patience);
  });

  it('is told that the link is no longer valid', async () => {
    const { page } = await browsers[0]!.open(`${rooms.url}/meet/#room=tea&token=a.b.c&autojoin=1&name=Eve`);
    await page.waitForSelector('::-p-text(This link is no longer valid)', patience);
  });
});
