import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as mediasoup from 'mediasoup';

/** A router on a real worker, for specs; the binary is found where set-up puts it. */
export async function openRouter(): Promise<{ router: mediasoup.types.Router; close: () => void }> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const cached = join(cache, 'rushes', 'mediasoup-worker', mediasoup.version, 'mediasoup-worker');
  const workerBin = process.env['MEDIASOUP_WORKER_BIN'] ?? (existsSync(cached) ? cached : mediasoup.workerBin);
  const worker = await mediasoup.createWorker({ workerBin, logLevel: 'warn' });
  const router = await worker.createRouter({
    mediaCodecs: [
      { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
      { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
    ],
  });
  return { router, close: () => worker.close() };
}
