import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { encodeDumpHeader } from '@rushes/media';
import { FilesystemObjectStore } from '@rushes/object-store/filesystem';
import { monotonicEpochMs } from '@rushes/platform';
import { recordProducer, Spool } from '@rushes/recorder';
import { voices } from '../../content/signal.ts';
import { openPublisher } from '../../fixtures/publisher.ts';

const times = 20;
/** Between two recordings, milliseconds: Chromium, and mediasoup before it, take requests for a key frame only so often. */
const betweenMs = 1200;
const lookEveryMs = 5;

/** The 95th percentile, in milliseconds, from asking to record a running camera of Chromium's to its first packet on disk. */
export async function measureFirstPacket(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'rushes-bench-'));
  const publisher = await openPublisher(voices[0]);
  const spool = new Spool({ folder: join(folder, 'spool'), store: new FilesystemObjectStore(join(folder, 'objects')) });
  try {
    await publisher.publish();
    await delay(2000);
    const producer = publisher.producers.get('video')!;
    const tookMs: number[] = [];
    for (let n = 0; n < times; n++) {
      const about = { recordingId: `r${n}`, participantId: 'ann', trackId: 'camera', source: 'camera' } as const;
      const askedAt = performance.now();
      const recordedAt = monotonicEpochMs();
      const recording = await recordProducer(publisher.router, producer, { spool, recordedAt, ...about });
      while (!(await hasPacket(join(spool.folder, about.recordingId, about.trackId)))) await delay(lookEveryMs);
      tookMs.push(performance.now() - askedAt);
      await (
        await recording.close()
      ).stored;
      await delay(betweenMs);
    }
    return tookMs.sort((a, b) => a - b)[Math.ceil(times * 0.95) - 1]!;
  } finally {
    spool.stop();
    await publisher.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function hasPacket(spoolPath: string): Promise<boolean> {
  const names = await readdir(spoolPath).catch(() => []);
  const piece = names.find((name) => name.endsWith('.rtpdump'));
  return piece !== undefined && (await stat(join(spoolPath, piece))).size > encodeDumpHeader(0).length;
}
