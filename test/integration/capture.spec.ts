import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IngestModule } from '@rushes/ingest';
import { TokenService } from '@rushes/platform';
import { visitNodes, rootsOf, type DomChunk, type RrwebNode } from '@rushes/timeline';
import { chatTexts, RecordingFixture } from '../../libs/timeline-writer/src/testing/recording-fixture.ts';
import type { Capture, CaptureOptions } from '../../libs/capture/src/index.ts';
import { launchChromium } from '../fixtures/browser.ts';
import { serveCapturedPage } from '../fixtures/captured-page.ts';
import { openSeverableProxy, type SeverableProxy } from '../fixtures/severable-proxy.ts';
import type { StaticServer } from '../fixtures/static-server.ts';

declare global {
  var rushesCapture: { createCapture(options: CaptureOptions): Capture };
  var capture: Capture;
  var dropped: unknown[];
}

let chromium: Awaited<ReturnType<typeof launchChromium>>;
let pages: StaticServer;
let shared: RecordingFixture;
let recording: RecordingFixture;
let proxy: SeverableProxy;
let page: Page;

beforeAll(async () => {
  shared = await RecordingFixture.start({ modules: [IngestModule.forRoot()] });
  proxy = await openSeverableProxy(Number(new URL(shared.application.url).port));
  pages = await serveCapturedPage();
  chromium = await launchChromium({ executablePath: '/usr/bin/chromium-headless-shell' });
});
beforeEach(async () => {
  recording = await shared.another();
  page = await chromium.browser.newPage();
  return () => page.close();
});
afterAll(async () => {
  await chromium?.close();
  await pages?.close();
  await proxy?.close();
  await shared?.application.close();
});

async function startCapture(): Promise<void> {
  await page.goto(pages.origin);
  await beginCapture();
}

/** In the page that is open, for example after a reload. */
async function beginCapture(): Promise<void> {
  const token = await shared.application.app
    .get(TokenService)
    .issue({ scope: 'capture', recordingId: recording.recordingId, participantId: 'ann' }, 600);
  await page.evaluate(
    (options) => {
      globalThis.capture = rushesCapture.createCapture(options);
      globalThis.dropped = [];
      capture.on('dropped', (detail) => dropped.push(detail));
      capture.start();
    },
    { endpoint: `http://127.0.0.1:${proxy.port}/v1/capture`, token },
  );
}

function say(...texts: string[]): Promise<void> {
  return page.evaluate((lines) => {
    for (const text of lines) capture.emit('rushes.chat.message-sent.v1', { messageId: crypto.randomUUID(), text });
  }, texts);
}

async function stored(): Promise<void> {
  await page.evaluate(() => capture.whenAcknowledged());
  await recording.writer.whenWritten();
}

/** Nodes of the opening snapshot, by tag. */
function nodesOf(chunk: DomChunk, tagName: string): RrwebNode[] {
  const found: RrwebNode[] = [];
  visitNodes(rootsOf(chunk.events[1]!.event), (node) => {
    if (node.tagName === tagName) found.push(node);
  });
  return found.sort((a, b) => a.id! - b.id!);
}

describe('a captured page', () => {
  it('is recorded with nothing from outside, nothing typed, and its tiles as placeholders', async () => {
    await startCapture();
    await stored();
    const [chunk] = await recording.domChunks('ann');
    expect(chunk!.events.map(({ event }) => event.type).slice(0, 2)).toEqual([4, 2]);
    const [tile] = nodesOf(chunk!, 'video');
    expect(tile!.attributes).toEqual({
      id: 'tile',
      'data-rushes-track': 'track-1',
      muted: '',
      'data-rushes-aspect': '64 / 36',
    });
    expect(nodesOf(chunk!, 'input')[0]!.attributes!.value).toBe('*******');
    const [near, far] = nodesOf(chunk!, 'img');
    expect(near!.attributes!.src).toMatch(/^data:image\/svg\+xml;base64,/);
    expect(far!.attributes!.src).toMatch(/^data:image\/gif;base64,/);
    expect(nodesOf(chunk!, 'iframe')).toEqual([]);
    expect(JSON.stringify(chunk)).not.toMatch(/https?:\/\/127\.0\.0\.1:\d+\/\w|hunter2/);
    expect(JSON.stringify(nodesOf(chunk!, 'link'))).toContain('border-radius: 12px');
  });

  it('keeps a tile in step with what happens to it later', async () => {
    await startCapture();
    await page.evaluate(() => {
      const video = document.createElement('video');
      video.id = 'late';
      video.srcObject = document.querySelector<HTMLVideoElement>('#tile')!.srcObject;
      document.body.append(video);
    });
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    await page.evaluate(() => {
      const video = document.querySelector<HTMLVideoElement>('#late')!;
      video.dataset.rushesTrack = 'track-2';
      video.style.width = '50%';
      video.setAttribute('src', 'blob:nothing');
      video.removeAttribute('src');
    });
    await stored();
    const [chunk] = await recording.domChunks('ann');
    const changes = JSON.stringify(chunk!.events.slice(2));
    expect(changes).toContain('"data-rushes-track":"track-2"');
    expect(changes).toContain('50%');
    expect(changes).not.toMatch(/blob:|rr_media|"autoplay"/);
  });

  it('puts app events on the recording clock, and refuses wrong ones before they are sent', async () => {
    await startCapture();
    await say('hello');
    const messages = await page.evaluate(() =>
      [
        () => capture.emit('rushes.chat.message-sent.v1', { messageId: 'm', text: '' }),
        () => capture.emit('rushes.speech.started.v1' as 'rushes.hand.raised.v1', {}),
      ].map((attempt) => {
        try {
          attempt();
          return '';
        } catch (error) {
          return (error as Error).message;
        }
      }),
    );
    expect(messages[0]).toContain('data.text');
    expect(messages[1]).toContain('not an event that a page may emit');
    await stored();
    const chunks = await recording.eventsChunks();
    expect(chatTexts(chunks)).toEqual(['hello']);
    const said = chunks[0]!.events.find((event) => event.type === 'rushes.chat.message-sent.v1')!;
    expect(said.participantId).toBe('ann');
    expect(said.atMs).toBeLessThanOrEqual((await recording.manifest()).durationMs);
  });
});

describe('what is not acknowledged', () => {
  it('is sent when the network is back, once', async () => {
    await startCapture();
    await say('before');
    await stored();
    proxy.sever();
    await say('during 1', 'during 2');
    await page.evaluate(() => (document.querySelector('#line')!.textContent = 'changed offline'));
    proxy.restore();
    await say('after');
    await stored();
    expect(chatTexts(await recording.eventsChunks())).toEqual(['before', 'during 1', 'during 2', 'after']);
    expect(JSON.stringify(await recording.domChunks('ann'))).toContain('changed offline');
  });

  it('survives a reload of the page and is sent by the next load, under its own source', async () => {
    await startCapture();
    await say('before');
    await stored();
    proxy.sever();
    await say('unsent 1', 'unsent 2');
    await page.reload();
    proxy.restore();
    await beginCapture();
    await say('next load');
    await page.waitForFunction(() => capture.pending === 0 && capture.state === 'open');
    await stored();
    expect(chatTexts(await recording.eventsChunks())).toEqual(['before', 'unsent 1', 'unsent 2', 'next load']);
    expect(await recording.domChunks('ann')).toHaveLength(2);
  });

  it('is delivered by stop, also after the recording has ended, no later than its end', async () => {
    await startCapture();
    await stored();
    proxy.sever();
    await say('too late to be seen');
    await recording.end();
    proxy.restore();
    await page.evaluate(() => capture.stop({ timeoutMs: 20_000 }));
    await recording.writer.whenWritten();
    const { durationMs } = await recording.manifest();
    const chunks = await recording.eventsChunks();
    expect(chatTexts(chunks)).toEqual(['too late to be seen']);
    expect(Math.max(...chunks.flatMap((chunk) => chunk.events.map((event) => event.atMs)))).toBeLessThanOrEqual(
      durationMs,
    );
  });
});

it('a change that is too large leaves a gap that is noted, and a new snapshot after it', async () => {
  await startCapture();
  await stored();
  await page.evaluate(() => {
    document.querySelector('#line')!.textContent = 'x'.repeat(9_000_000);
  });
  await page.waitForFunction(() => dropped.length > 0);
  await page.evaluate(() => {
    document.querySelector('#line')!.textContent = 'small again';
    setInterval(() => document.querySelector('#line')!.classList.toggle('blink'), 200);
  });
  await expect.poll(() => storedGaps(), { timeout: 30_000, interval: 500 }).toHaveLength(1);
  const [gap] = await storedGaps();
  expect(gap).toMatchObject({ reason: 'capture-lost' });
  const chunks = await recording.domChunks('ann');
  expect(JSON.stringify(chunks.at(-1)!.events[1])).toContain('small again');
  expect(chunks.at(-1)!.events[1]!.atMs).toBe(gap!.toMs);
});

async function storedGaps() {
  await stored();
  return (await recording.manifest()).timeline.surfaces[0]!.gaps;
}

it('a snapshot over 256 KB goes by way of the object store and comes out whole', async () => {
  await page.goto(pages.origin);
  await page.evaluate(() => {
    document.querySelector('#line')!.textContent = Array.from({ length: 60_000 }, (_, index) => index).join(' ');
  });
  await beginCapture();
  await stored();
  const [chunk] = await recording.domChunks('ann');
  expect(JSON.stringify(chunk!.events[1])).toContain('59998 59999');
  const claims = [];
  for await (const object of recording.objects.list(`recordings/${recording.recordingId}/timeline/claims/`))
    claims.push(object);
  expect(claims.length).toBeGreaterThan(0);
});
