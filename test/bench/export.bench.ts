import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderExport, httpObjects } from '@rushes/render';
import { launchChromium } from '../fixtures/browser.ts';
import { serveFolders, type StaticServer } from '../fixtures/static-server.ts';
import { writeSyntheticRecording } from '../fixtures/synthetic-recording.ts';
import { report } from './table.ts';

/**
 * An export of four moving tiles at 720p30 against real time and against what peers do, a screenshot of every frame of a playing page
 * (without encoding it); and the most memory that the renderer with its browser and encoders held.
 */
const seconds = 60;
const size = { width: 1280, height: 720 };
const screenshots = 45;

const folder = await mkdtemp(join(tmpdir(), 'rushes-bench-export-'));
try {
  await writeSyntheticRecording(join(folder, 'recording'), { participants: 4, durationMs: seconds * 1000 });
  const server = await serveFolders({ '/recording/': join(folder, 'recording') });
  try {
    const base = `${server.origin}/recording/`;
    const memory = watchMemory();
    const { speed } = await renderExport({
      objects: httpObjects(base),
      objectsUrl: base,
      request: { perspective: 'room', layout: 'grid', ...size, fps: 30 },
      workFolder: join(folder, 'work'),
      outputFile: join(folder, 'out.mp4'),
    });
    const peakMb = await memory.stop();
    const peer = await screenshotSpeed(server);
    report({ what: 'export, 4 moving tiles, 720p30', ours: speed, against: 3, unit: '× real time', better: 'higher' });
    report({
      what: 'export, 4 moving tiles, 720p30',
      ours: speed,
      against: peer,
      unit: '× real time',
      better: 'higher',
      peer: 'screenshots',
    });
    report({
      what: 'export, memory with browser and encoders',
      ours: peakMb,
      against: 700,
      unit: 'MB',
      better: 'lower',
    });
  } finally {
    await server.close();
  }
} finally {
  await rm(folder, { recursive: true });
}

/** A page that plays the four cameras, shot frame after frame. */
async function screenshotSpeed(server: StaticServer): Promise<number> {
  const chromium = await launchChromium();
  try {
    const page = await chromium.browser.newPage();
    await page.setViewport(size);
    const videos = [1, 2, 3, 4].map(
      (n) =>
        `<video muted autoplay loop width=630 height=354 src="${server.origin}/recording/tracks/cam-p${n}/media.webm"></video>`,
    );
    await page.setContent(`<body style="margin:0">${videos.join('')}`);
    await page.waitForFunction('[...document.querySelectorAll("video")].every((video) => video.currentTime > 0)');
    const startedAt = performance.now();
    for (let n = 0; n < screenshots; n++) await page.screenshot({ type: 'png' });
    return screenshots / 30 / ((performance.now() - startedAt) / 1000);
  } finally {
    await chromium.close();
  }
}

/** Looks twice a second at what this process and its descendants hold together (proportional set size). */
function watchMemory(): { stop(): Promise<number> } {
  let peak = 0;
  let looking = Promise.resolve();
  const look = async (): Promise<void> => {
    peak = Math.max(peak, await heldByTree(process.pid));
  };
  const timer = setInterval(() => void (looking = looking.then(look)), 500);
  return {
    async stop() {
      clearInterval(timer);
      await looking;
      return peak;
    },
  };
}

async function heldByTree(root: number): Promise<number> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const parent = /\) \S (\d+)/.exec(status)?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const isInTree = (pid: number): boolean => pid === root || (parents.has(pid) && isInTree(parents.get(pid)!));
  let kilobytes = 0;
  for (const pid of parents.keys()) {
    if (!isInTree(pid)) continue;
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return kilobytes / 1024;
}
