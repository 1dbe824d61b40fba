import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FfmpegError } from './ffmpeg-error.ts';
import { probe } from './probe.ts';
import { runFfmpeg } from './run-ffmpeg.ts';
import { runFfmpegArgs } from './run-ffmpeg-args.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-ffmpeg-'));
});
afterAll(() => rm(folder, { recursive: true }));

const endless = ['-re', '-f', 'lavfi', '-i', 'testsrc=size=64x64:rate=10', '-f', 'null', '-'];

describe('runFfmpeg', () => {
  it('makes the file that the command describes, and probe reads it', async () => {
    const file = join(folder, 'a.webm');
    const seen: number[] = [];
    await runFfmpeg(
      (command) =>
        command.input('sine=duration=2:sample_rate=48000').inputFormat('lavfi').audioCodec('libopus').output(file),
      { onProgress: (progress) => seen.push(progress.outMs) },
    );
    const { format, streams } = await probe(file);
    expect(format.duration).toBeCloseTo(2, 1);
    expect(streams[0]?.codec_name).toBe('opus');
    expect(seen.at(-1)).toBeGreaterThan(1500);
  });

  it('writes to a stream and reads from one', async () => {
    const wave = await runFfmpegArgs(['-f', 'lavfi', '-i', 'sine=duration=1', '-f', 'wav', '-']);
    const out = new PassThrough();
    const parts: Buffer[] = [];
    out.on('data', (part: Buffer) => parts.push(part));
    await runFfmpeg((command) =>
      command
        .input(Readable.from([wave]))
        .inputFormat('wav')
        .format('s16le')
        .output(out),
    );
    expect(Buffer.concat(parts).length).toBe(44100 * 2);
  });

  it('fails with the exit code, the command line and the end of standard error', async () => {
    const failed = await runFfmpeg((command) => command.input('/nowhere.webm').output(join(folder, 'b.webm'))).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(FfmpegError);
    expect(failed).toMatchObject({ code: 'ffmpeg-failed', retriable: false, exitCode: 1 });
    expect((failed as FfmpegError).stderrTail).toContain('/nowhere.webm: No such file or directory');
    expect((failed as FfmpegError).commandLine).toContain('/nowhere.webm');
  });

  it('kills ffmpeg when the signal aborts and rejects with its reason', async () => {
    const abort = new AbortController();
    const run = runFfmpeg(
      (command) => command.input('testsrc=rate=10').inputFormat('lavfi').inputOptions('-re').format('null').output('-'),
      { signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) },
    );
    await expect(run).rejects.toThrow('enough');
  });
});

describe('runFfmpegArgs', () => {
  it('fails with an FfmpegError when the program is given nonsense', async () => {
    const failed = runFfmpegArgs(['-i', '/nowhere.webm', '-f', 'null', '-']);
    await expect(failed).rejects.toMatchObject({ code: 'ffmpeg-failed', exitCode: 1 });
  });

  it('reports progress and can be aborted', async () => {
    const abort = new AbortController();
    const run = runFfmpegArgs(endless, { signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) });
    await expect(run).rejects.toThrow('enough');
  });

  it('ends well when ffmpeg needs less input than it is given', async () => {
    const silence = (async function* () {
      for (let n = 0; n < 500; n++) yield new Uint8Array(96_000);
    })();
    const args = ['-f', 's16le', '-ar', '48000', '-i', '-', '-t', '1', '-f', 's16le', '-'];
    const out = await runFfmpegArgs(args, { stdin: silence });
    expect(out.length).toBe(96_000);
  });
});
