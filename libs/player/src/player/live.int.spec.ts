import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Manifest } from '@rushes/timeline';
import { openPlayerPages, type PlayerPages } from '../../../../test/fixtures/player-pages.ts';
import { writeSyntheticRecording } from '../../../../test/fixtures/synthetic-recording.ts';
import type { RushesPlayer } from '../element/rushes-player.ts';

let folder: string;
let pages: PlayerPages;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-live-'));
  await writeSyntheticRecording(folder, { participants: 2, media: false });
  pages = await openPlayerPages(folder);
});
afterAll(async () => {
  await pages?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The recording as far as it had come, on disk. */
async function growTo(durationMs: number, status: Manifest['status']): Promise<void> {
  const path = join(folder, 'whole.json');
  const text = await readFile(path, 'utf8').catch(async () => {
    const whole = await readFile(join(folder, 'manifest.json'), 'utf8');
    await writeFile(path, whole);
    return whole;
  });
  const manifest = JSON.parse(text) as Manifest;
  const events = manifest.timeline.events.filter((chunk) => chunk.startMs < durationMs);
  const timeline = { ...manifest.timeline, events };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, durationMs, status, timeline }));
}

it('follows the end of a running recording, waits there, and ends when it has ended', async () => {
  await growTo(5000, 'recording');
  const page = await pages.open('player');
  const opened = await page.evaluate(async (src) => {
    const player = document.createElement('rushes-player') as RushesPlayer;
    player.src = src;
    const when = (event: string) => new Promise((resolve) => player.addEventListener(event, resolve, { once: true }));
    const ready = when('canplay');
    document.body.append(player);
    await ready;
    const { currentTime, duration } = player;
    const waiting = when('waiting');
    await player.play();
    await waiting;
    return { currentTime, duration, waitsAt: player.currentTime, chat: player.roomState?.chat.length };
  }, pages.manifestUrl);
  expect(opened).toEqual({ currentTime: 3, duration: 5, waitsAt: 5, chat: 2 });

  const goesOn = page.evaluate(async () => {
    const player = document.querySelector<RushesPlayer>('rushes-player')!;
    await new Promise((resolve) => player.addEventListener('playing', resolve, { once: true }));
    return [player.duration, player.paused];
  });
  await growTo(12_000, 'ready');
  expect(await goesOn).toEqual([12, false]);

  const ended = await page.evaluate(async () => {
    const player = document.querySelector<RushesPlayer>('rushes-player')!;
    const end = new Promise((resolve) => player.addEventListener('ended', resolve, { once: true }));
    player.currentTime = 11.8;
    await end;
    return [player.currentTime, player.ended];
  });
  expect(ended).toEqual([12, true]);
});
