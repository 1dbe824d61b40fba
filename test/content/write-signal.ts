import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { flashArea, isCellWhite, signal, strip, type Voice } from './signal.ts';

export type SignalOptions = { seconds: number; voice: Voice };

/**
 * Writes the camera's picture as Motion JPEG, as Chromium's `--use-file-for-fake-video-capture` takes it
 * (about 6 MB a minute), or as any file ffmpeg can make: `outputArguments` follow the input.
 */
export async function writeCameraFile(
  path: string,
  { seconds, voice }: SignalOptions,
  // Chromium decodes only pictures with halved colour resolution; others it shows as plain green.
  outputArguments: readonly string[] = ['-pix_fmt', 'yuvj420p', '-c:v', 'mjpeg', '-q:v', '6', '-f', 'mjpeg'],
): Promise<void> {
  const { fps, width, height } = signal;
  const ffmpeg = spawn(
    process.env.RUSHES_FFMPEG ?? 'ffmpeg',
    [
      ...['-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', String(fps)],
      ...['-i', 'pipe:0', ...outputArguments, '-y', path],
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let errors = '';
  ffmpeg.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const ended = once(ffmpeg, 'close');
  const frame = plainFrame(voice);
  for (let number = 0; number < seconds * fps; number++) {
    paint(frame, number, voice);
    if (!ffmpeg.stdin.write(Buffer.from(frame))) await Promise.race([once(ffmpeg.stdin, 'drain'), ended]);
  }
  ffmpeg.stdin.end();
  const [code] = (await ended) as [number];
  if (code !== 0) throw new Error(`ffmpeg could not write ${path}: ${errors}`);
}

function plainFrame({ rgb }: Voice): Buffer {
  const frame = Buffer.alloc(signal.width * signal.height * 3);
  for (let offset = 0; offset < frame.length; offset += 3) frame.set(rgb, offset);
  return frame;
}

function paint(frame: Buffer, number: number, voice: Voice): void {
  const { width, height, fps } = signal;
  const cellWidth = width / strip.cells;
  const row = Buffer.alloc(width * 3);
  for (let x = 0; x < width; x++) row.fill(isCellWhite(number, Math.floor(x / cellWidth)) ? 235 : 16, x * 3, x * 3 + 3);
  fillRows(frame, row, strip.top * height, strip.bottom * height);

  const isFlash = (number % fps) * 1000 < signal.pulseMs * fps;
  if (isFlash) row.fill(255);
  else for (let x = 0; x < width; x++) row.set(voice.rgb, x * 3);
  fillRows(frame, row, flashArea.top * height - 10, flashArea.bottom * height + 10);
}

function fillRows(frame: Buffer, row: Buffer, from: number, to: number): void {
  for (let y = Math.round(from); y < Math.round(to); y++) row.copy(frame, y * row.length);
}

/** Writes the microphone's sound as 16-bit mono WAV, as Chromium's `--use-file-for-fake-audio-capture` takes it. */
export async function writeMicrophoneFile(path: string, { seconds, voice }: SignalOptions): Promise<void> {
  const { sampleRateHz, pulseMs } = signal;
  const samples = new Int16Array(seconds * sampleRateHz);
  const pulse = (pulseMs / 1000) * sampleRateHz;
  for (let index = 0; index < samples.length; index++) {
    const inSecond = index % sampleRateHz;
    if (inSecond < pulse) {
      samples[index] = Math.round(12_000 * Math.sin((2 * Math.PI * voice.beepHz * inSecond) / sampleRateHz));
    }
  }
  const data = Buffer.from(samples.buffer);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE(sampleRateHz * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  await writeFile(path, Buffer.concat([header, data]));
}
