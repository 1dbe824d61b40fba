import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlayerPages, viewerPolicy, type PlayerPages } from '../../../../../test/fixtures/player-pages.ts';
import { serveFolders, type StaticServer } from '../../../../../test/fixtures/static-server.ts';
import { syntheticSurface, writeSyntheticRecording } from '../../../../../test/fixtures/synthetic-recording.ts';
import type { RushesPlayer } from '../../element/rushes-player.ts';
import type { RenderPage } from '../../types.ts';

let folder: string;
let attacker: StaticServer;
let pages: PlayerPages;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-hostile-'));
  attacker = await serveFolders({}, { headers: { 'Access-Control-Allow-Origin': '*' } });
  await writeSyntheticRecording(folder, { participants: 1, media: false, hostileOrigin: attacker.origin });
  pages = await openPlayerPages(folder);
});

afterAll(async () => {
  await pages?.close();
  await attacker?.close();
  await rm(folder, { recursive: true, force: true });
});

describe.each([
  ['under the viewer’s policy', viewerPolicy],
  ['on a page without a policy', null],
])('a hostile recording %s', (_, policy) => {
  it('executes nothing and asks nobody for anything in the viewer’s player', async () => {
    const page = await pages.open('player', { policy });
    const asked = requestsOf(page);
    await page.evaluate(playHostile, { src: pages.manifestUrl, perspective: `dom:${syntheticSurface}` });
    await expectHarmless(page, asked);
    await page.close();
  });

  it('executes nothing and asks nobody for anything in the renderer’s page', async () => {
    const page = await pages.open('render-page', { policy });
    const asked = requestsOf(page);
    const tiles = await page.evaluate(renderHostile, {
      manifestUrl: pages.manifestUrl,
      perspective: `dom:${syntheticSurface}`,
    });
    expect(tiles).toEqual([]);
    await expectHarmless(page, asked);
    await page.close();
  });
});

function requestsOf(page: Page): string[] {
  const urls: string[] = [];
  page.on('request', (request) => urls.push(request.url()));
  return urls;
}

async function expectHarmless(page: Page, asked: readonly string[]): Promise<void> {
  const seen = await page.evaluate(inspect);
  expect(seen.hasPage).toBe(true);
  expect(seen.pwned).toEqual([]);
  expect(seen.sandbox).toEqual(seen.sandbox.map(() => 'allow-same-origin'));
  expect(seen.handlers).toEqual([]);
  expect(seen.url).toBe(page.url());
  expect(asked.filter((url) => !url.startsWith(pages.server.origin) && !url.startsWith('data:'))).toEqual([]);
  expect(asked.filter((url) => url.includes('relative-to-base'))).toEqual([]);
  expect(attacker.requests).toEqual([]);
}

/** Runs in the page: opens, plays through a chunk's border, and clicks what is there to be clicked. */
async function playHostile({ src, perspective }: { src: string; perspective: string }): Promise<void> {
  const player = document.createElement('rushes-player') as RushesPlayer;
  player.setAttribute('perspective', perspective);
  player.src = src;
  const when = (event: string) => new Promise((resolve) => player.addEventListener(event, resolve, { once: true }));
  const ready = when('canplay');
  document.body.append(player);
  await ready;
  for (const seconds of [4.8, 2, 11.5]) {
    const seeked = when('seeked');
    player.currentTime = seconds;
    await seeked;
  }
  await player.play();
  await when('ended');
}

/** Runs in the page. */
async function renderHostile(options: { manifestUrl: string; perspective: string }): Promise<unknown[]> {
  const { rushesStage } = globalThis as unknown as { rushesStage: RenderPage };
  const perspective = options.perspective as 'room';
  await rushesStage.load({ manifestUrl: options.manifestUrl, perspective, layout: 'grid', width: 1280, height: 720 });
  const { tiles } = await rushesStage.showAt(100);
  await rushesStage.showAt(5100);
  return tiles;
}

/** Runs in the page: what an attack would have left behind, after clicking whatever can be clicked. */
function inspect() {
  const trees: (Document | ShadowRoot)[] = [document];
  for (let index = 0; index < trees.length; index++) {
    for (const element of trees[index]!.querySelectorAll('*')) {
      if (element.shadowRoot) trees.push(element.shadowRoot);
      // Elements of another document are no instances of this one's classes.
      const inside = element.localName === 'iframe' ? (element as HTMLIFrameElement).contentDocument : null;
      if (inside) trees.push(inside);
    }
  }
  const inner = trees.filter((tree): tree is Document => tree.nodeType === Node.DOCUMENT_NODE && tree !== document);
  for (const tree of inner) {
    for (const id of ['hostile-link', 'hostile-div']) tree.getElementById(id)?.click();
    (tree.getElementById('hostile-form') as HTMLFormElement | null)?.requestSubmit();
  }
  const elements = inner.flatMap((tree) => [...tree.querySelectorAll('*')]);
  const windows = [globalThis, ...inner.map((tree) => tree.defaultView ?? globalThis)];
  return {
    hasPage: inner.some((tree) => tree.body.textContent.includes('Chat')),
    pwned: windows.flatMap((view) => (view as unknown as { pwned?: string }).pwned ?? []),
    sandbox: trees.flatMap((tree) =>
      [...tree.querySelectorAll('iframe')].map((frame) => frame.getAttribute('sandbox')),
    ),
    handlers: elements.flatMap((element) => element.getAttributeNames().filter((name) => /^_?on|srcdoc/.test(name))),
    url: location.href,
  };
}
