import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { objectKeys } from '@rushes/timeline';
import { openPlayerPages, type PlayerPages } from '../../../../../test/fixtures/player-pages.ts';
import { syntheticSurface, writeSyntheticRecording } from '../../../../../test/fixtures/synthetic-recording.ts';
import type { RushesPlayer } from '../../element/rushes-player.ts';

let folder: string;
let pages: PlayerPages;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-prefetch-'));
  await writeSyntheticRecording(folder, { participants: 1, media: false });
  pages = await openPlayerPages(folder);
});

afterAll(async () => {
  await pages?.close();
  await rm(folder, { recursive: true, force: true });
});

it('shows the instant of a seek back while the chunk that was loaded ahead arrives', async () => {
  const page = await pages.open('player');
  const seen = await page.evaluate(seekBackDuringPrefetch, {
    src: pages.manifestUrl,
    perspective: `dom:${syntheticSurface}`,
    lateKey: objectKeys.domChunk(syntheticSurface, 10_000),
  });
  expect(seen).toEqual({ before: true, after: false });
});

/**
 * Runs in the page: holds back the third chunk until the first one's frame is made anew, and that frame's snapshot,
 * which rrweb builds in a timer of 1 ms, until the third chunk has been there for two pictures. Tells whether the chat
 * line of 2.0 s shows at 6.05 s and at 1.99 s.
 */
async function seekBackDuringPrefetch(options: { src: string; perspective: string; lateKey: string }) {
  const [arrival, arrived] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const fetch = window.fetch.bind(window);
  const setTimeout = window.setTimeout.bind(window);
  window.fetch = async (input, init) => {
    if (!new Request(input).url.includes(options.lateKey)) return fetch(input, init);
    await arrival.promise;
    const response = await fetch(input, init);
    const bytes = await response.arrayBuffer();
    arrived.resolve();
    return new Response(bytes, response);
  };
  const player = document.createElement('rushes-player') as RushesPlayer;
  const when = (event: string) => new Promise((resolve) => player.addEventListener(event, resolve, { once: true }));
  const seek = async (seconds: number) => {
    const seeked = when('seeked');
    player.currentTime = seconds;
    await seeked;
  };
  const hasLine = () => {
    const frames = player.shadowRoot!.querySelectorAll<HTMLIFrameElement>('.rushes-surface:not(.waiting) iframe');
    return Array.from(frames, (frame) => frame.contentDocument!.body.textContent)
      .join()
      .includes('Hello everybody');
  };
  player.setAttribute('perspective', options.perspective);
  player.src = options.src;
  const ready = when('canplay');
  document.body.append(player);
  await ready;
  await seek(6.05);
  const before = hasLine();

  const snapshots: (() => void)[] = [];
  window.setTimeout = ((task: () => void, ms?: number) =>
    ms === 1 ? snapshots.push(task) : setTimeout(task, ms)) as typeof setTimeout;
  new MutationObserver(() => arrival.resolve()).observe(player.shadowRoot!.querySelector('.rushes-surfaces')!, {
    childList: true,
  });
  const seeking = seek(1.99);
  await arrived.promise;
  for (let frames = 0; frames < 2; frames++) await new Promise((resolve) => requestAnimationFrame(resolve));
  window.setTimeout = setTimeout;
  for (const build of snapshots.splice(0)) build();
  await seeking;
  return { before, after: hasLine() };
}
