import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { FfmpegError } from '../ffmpeg/ffmpeg-error.ts';
import { isMachineFault } from '../ffmpeg/is-machine-fault.ts';
import { runFfmpegArgs } from '../ffmpeg/run-ffmpeg-args.ts';
import { MediaError } from '../media-error.ts';
import { importStream } from './import-stream.ts';
import { probeMediaFile } from './probe-media-file.ts';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-fault-'));
  path = join(folder, 'video.mkv');
  await runFfmpegArgs(['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=duration=1', '-c:v', 'libx264', path]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

/** In the place of ffmpeg or ffprobe. */
async function useProgram(variable: 'FFMPEG_PATH' | 'FFPROBE_PATH', script: string): Promise<void> {
  const program = join(folder, 'program');
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  vi.stubEnv(variable, program);
}

const faultOf = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);
async function importIt(name: string): Promise<unknown> {
  const { streams } = await probeMediaFile(path);
  return faultOf(importStream({ path, stream: streams[0]!, pathWithoutExtension: join(folder, name) }));
}

it('is none of the file, when ffprobe is missing or was killed', async () => {
  vi.stubEnv('FFPROBE_PATH', join(folder, 'nowhere'));
  const missing = await faultOf(probeMediaFile(path));
  await useProgram('FFPROBE_PATH', 'kill -9 $$');
  for (const fault of [missing, await faultOf(probeMediaFile(path))]) {
    expect(fault).toBeInstanceOf(FfmpegError);
    expect(isMachineFault(fault)).toBe(true);
  }
});

it('is none of the file, when ffmpeg was killed or the disk is full', async () => {
  await symlink('/dev/full', join(folder, 'full.mp4'));
  const full = await importIt('full');
  await useProgram('FFMPEG_PATH', 'kill -9 $$');
  for (const fault of [full, await importIt('killed')]) {
    expect(fault).toBeInstanceOf(FfmpegError);
    expect(isMachineFault(fault)).toBe(true);
  }
});

it('is one of the file, when that cannot be read or brings ffmpeg down', async () => {
  const text = join(folder, 'text.webm');
  await writeFile(text, 'nothing of the kind');
  const unreadable = await faultOf(probeMediaFile(text));
  await useProgram('FFMPEG_PATH', 'kill -SEGV $$');
  for (const fault of [unreadable, await importIt('crash')]) {
    expect(fault).toBeInstanceOf(MediaError);
    expect(isMachineFault(fault)).toBe(false);
  }
});

it('is one of the machine, when a file of our own cannot be opened', async () => {
  expect(isMachineFault(await faultOf(symlink('/dev/full', join(folder, 'no', 'where'))))).toBe(true);
});
