import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveTrack, runFfmpegArgs } from '@rushes/media';
import { captureRtp } from '../../libs/media/src/testing/capture-rtp.ts';
import { fakeTrack } from '../../libs/media/src/testing/fake-track.ts';
import { report } from './table.ts';
import { measureFirstPacket } from './tracks/measure-first-packet.ts';
import { measureRecorders, trackCount } from './tracks/measure-recorders.ts';

const clipSeconds = 20;
const turns = 15;
/** The best counts: a service's process is warm, and others may use the machine. */
const runs = 3;

/** One 720p VP8 track of five minutes at 1.5 Mbit/s, packets in memory. */
async function measureDerivation(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'rushes-bench-'));
  try {
    const clip = join(folder, 'clip.webm');
    const encoder = [
      '-c:v',
      'libvpx',
      '-b:v',
      '1500k',
      '-minrate',
      '1500k',
      '-maxrate',
      '1500k',
      '-deadline',
      'realtime',
    ];
    const source = ['-f', 'lavfi', '-i', `testsrc2=size=1280x720:rate=30:duration=${clipSeconds}`];
    await runFfmpegArgs(['-v', 'error', ...source, ...encoder, '-cpu-used', '12', '-g', '300', clip]);
    const packets = (await captureRtp(clip)).map((packet) => Buffer.from(packet));
    const long = Array.from({ length: turns }, (_, turn) =>
      packets.map((packet) => {
        const copy = Buffer.from(packet);
        copy.writeUInt32BE((copy.readUInt32BE(4) + turn * clipSeconds * 90_000) >>> 0, 4);
        return copy;
      }),
    ).flat();
    const track = fakeTrack({ trackId: 'camera', media: 'video', codec: 'video/VP8', packets: long, capturedAtMs: 0 });
    const speeds: number[] = [];
    for (let run = 0; run < runs; run++) {
      const startedAt = performance.now();
      const { media } = await deriveTrack({ track, pathWithoutExtension: join(folder, 'media') });
      speeds.push(media!.durationMs / (performance.now() - startedAt));
    }
    return Math.max(...speeds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

report({
  what: 'derivation, one 720p VP8 track, 1.5 Mbit/s, 5 minutes',
  ours: await measureDerivation(),
  against: 100,
  unit: '× real time',
  better: 'higher',
});
const { ours, ffmpeg, grownMb, recordedMb } = await measureRecorders();
const recorder = `recorder, one 1 Mbit/s track of ${trackCount} in one process`;
report({ what: recorder, ours, against: 0.02, unit: 'cores', better: 'lower' });
report({ what: 'the same', ours, against: ffmpeg, unit: 'cores', better: 'lower', peer: 'ffmpeg -c copy' });
// A ratio needs a figure above 0: what shrinks, or grows by less, counts as 0.1 MB.
const memory = { ours: Math.max(0.1, grownMb), against: recordedMb / 10, unit: 'MB', better: 'lower' } as const;
report({ what: `its memory's growth while it recorded ${recordedMb} MB`, ...memory });
report({
  what: 'request to first packet on disk, a Chromium camera, p95 of 20',
  ours: await measureFirstPacket(),
  against: 300,
  unit: 'ms',
  better: 'lower',
});
