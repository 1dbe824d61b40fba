import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FilesystemObjectStore } from '@rushes/object-store/filesystem';
import { monotonicEpochMs } from '@rushes/platform';
import { recordProducer, Spool } from '@rushes/recorder';
import * as mediasoup from 'mediasoup';
import { findWorkerBinary } from '../../../libs/rooms/src/media/worker-binary.ts';

export const trackCount = 50;
const seconds = 8;
/** Memory is compared between the beginning and the end of so many seconds. */
const memorySeconds = 20;

/** Cores used for one track of 1 Mbit/s, over what the SFU uses without anybody recording. */
export type RecorderCosts = {
  ours: number;
  ffmpeg: number;
  /** By how much this process's memory grew while it recorded, and what it recorded meanwhile; MB. */
  grownMb: number;
  recordedMb: number;
};

/** Records the same streams with this recorder, in this one process, and with one `ffmpeg -c copy` a track, one after the other. */
export async function measureRecorders(): Promise<RecorderCosts> {
  const folder = await mkdtemp(join(tmpdir(), 'rushes-bench-'));
  const worker = await mediasoup.createWorker({ workerBin: findWorkerBinary(), logLevel: 'none' });
  const router = await worker.createRouter({
    mediaCodecs: [{ kind: 'video', mimeType: 'video/VP8', clockRate: 90_000, preferredPayloadType: 101 }],
  });
  const inputs = await Promise.all(Array.from({ length: trackCount }, (_, index) => openInput(router, 1000 + index)));
  const ports = inputs.map(({ transport }) => String(transport.tuple.localPort));
  const sender = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'send-rtp.ts'), ...ports], {
    stdio: 'ignore',
  });
  const producers = inputs.map(({ producer }) => producer);
  try {
    await Promise.all(producers.map((producer) => once(producer, 'score')));
    const idle = await measure(worker, []);
    const ours = await measureOurs(worker, router, producers, folder);
    const ffmpeg = await measureFfmpeg(worker, router, producers, folder);
    const { cores, ...memory } = ours;
    return { ours: (cores - idle) / trackCount, ffmpeg: (ffmpeg - idle) / trackCount, ...memory };
  } finally {
    sender.kill('SIGKILL');
    worker.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function openInput(router: mediasoup.types.Router, ssrc: number) {
  const transport = await router.createPlainTransport({
    listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
    comedia: true,
    rtcpMux: true,
  });
  const producer = await transport.produce({
    kind: 'video',
    rtpParameters: { codecs: [{ mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000 }], encodings: [{ ssrc }] },
  });
  return { transport, producer };
}

async function measureOurs(
  worker: mediasoup.types.Worker,
  router: mediasoup.types.Router,
  producers: readonly mediasoup.types.Producer[],
  folder: string,
): Promise<{ cores: number; grownMb: number; recordedMb: number }> {
  const spool = new Spool({ folder: join(folder, 'spool'), store: new FilesystemObjectStore(join(folder, 'objects')) });
  const recordedAt = monotonicEpochMs();
  const recordings = await Promise.all(
    producers.map((producer, index) =>
      recordProducer(router, producer, {
        spool,
        recordingId: 'bench',
        recordedAt,
        participantId: `p${index}`,
        trackId: `t${index}`,
        source: 'camera',
      }),
    ),
  );
  const cores = await measure(worker, []);
  const before = await leastUsedMb();
  await delay(memorySeconds * 1000);
  const grownMb = (await leastUsedMb()) - before;
  const closed = await Promise.all(recordings.map((recording) => recording.close()));
  await Promise.all(closed.map(({ stored }) => stored));
  if (closed.some(({ packetCount }) => packetCount < 90 * seconds)) throw new Error('packets were not recorded');
  return { cores, grownMb, recordedMb: (trackCount * memorySeconds * 1e6) / 8 / 1e6 };
}

/** What is held for good: what is on its way to the disk comes and goes, some 30 MB of it. */
async function leastUsedMb(): Promise<number> {
  let least = Infinity;
  for (let look = 0; look < 20; look++) {
    least = Math.min(least, usedMb());
    await delay(250);
  }
  return least;
}

/** What this process holds once its garbage is collected. */
function usedMb(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

async function measureFfmpeg(
  worker: mediasoup.types.Worker,
  router: mediasoup.types.Router,
  producers: readonly mediasoup.types.Producer[],
  folder: string,
): Promise<number> {
  const processes: ChildProcess[] = [];
  try {
    for (const [index, producer] of producers.entries()) {
      const transport = await router.createPlainTransport({
        listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
        rtcpMux: true,
      });
      // Below those that mediasoup takes of its own.
      const port = 9_100 + index * 2;
      await transport.connect({ ip: '127.0.0.1', port });
      const consumer = await transport.consume({
        producerId: producer.id,
        rtpCapabilities: router.rtpCapabilities,
        paused: true,
      });
      processes.push(await startFfmpeg(join(folder, `t${index}`), port, consumer.rtpParameters.codecs[0]!.payloadType));
      await consumer.resume();
    }
    return await measure(worker, processes);
  } finally {
    for (const process of processes) process.kill('SIGKILL');
  }
}

async function startFfmpeg(path: string, port: number, payloadType: number): Promise<ChildProcess> {
  const sdp = `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP ${payloadType}\na=rtpmap:${payloadType} VP8/90000\n`;
  await writeFile(`${path}.sdp`, sdp);
  const args = ['-v', 'error', '-protocol_whitelist', 'file,udp,rtp', '-i', `${path}.sdp`, '-c', 'copy', `${path}.mkv`];
  return spawn('ffmpeg', args, { stdio: 'ignore' });
}

/** Cores that this process, the worker and `others` use together, over some seconds. */
async function measure(worker: mediasoup.types.Worker, others: readonly ChildProcess[]): Promise<number> {
  // What starting costs is not what recording costs.
  await delay(1500);
  const before = await cpuMsOf(worker, others);
  const startedAt = performance.now();
  await delay(seconds * 1000);
  return ((await cpuMsOf(worker, others)) - before) / (performance.now() - startedAt);
}

async function cpuMsOf(worker: mediasoup.types.Worker, others: readonly ChildProcess[]): Promise<number> {
  const own = process.cpuUsage();
  const { ru_utime, ru_stime } = await worker.getResourceUsage();
  const rest = await Promise.all(others.map(async ({ pid }) => processMs(await readFile(`/proc/${pid}/stat`, 'utf8'))));
  return (own.user + own.system) / 1000 + ru_utime + ru_stime + rest.reduce((sum, ms) => sum + ms, 0);
}

/** utime and stime of proc(5), in ticks of 10 ms. */
function processMs(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
