import { access, mkdir, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { signal, voices } from '../../test/content/signal.ts';
import { writeCameraFile, writeMicrophoneFile } from '../../test/content/write-signal.ts';

export type FakeDevices = { camera: string; microphone: string };

/** The files that stand in for camera and microphone `index`, made once and kept outside the repo. */
export async function fakeDevices(index: number): Promise<FakeDevices> {
  const voice = voices[index];
  if (!voice) throw new RangeError(`expected a voice from 0 to ${voices.length - 1}, got ${index}`);
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'rushes', 'test-signal-2');
  await mkdir(folder, { recursive: true });
  return {
    camera: await made(join(folder, `camera-${index}.mjpeg`), (path) =>
      writeCameraFile(path, { seconds: signal.fileSeconds, voice }),
    ),
    microphone: await made(join(folder, `microphone-${index}.wav`), (path) =>
      writeMicrophoneFile(path, { seconds: signal.fileSeconds, voice }),
    ),
  };
}

async function made(path: string, make: (path: string) => Promise<void>): Promise<string> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) return path;
  const part = `${path}.${process.pid}.part`;
  await make(part);
  await rename(part, path);
  return path;
}
