import { join } from 'node:path';
import type { Voice } from './signal.ts';
import { writeCameraFile, writeMicrophoneFile } from './write-signal.ts';
import { runFfmpegArgs } from '../../libs/media/src/ffmpeg/run-ffmpeg-args.ts';
import { captureRtp } from '../../libs/media/src/testing/capture-rtp.ts';
import { encoders } from '../../libs/media/src/testing/encoders.ts';
import type { VideoCodecName } from '../../libs/media/src/testing/encoders.ts';
import { packetiseAv1 } from '../../libs/media/src/testing/packetise-av1.ts';

/** The test signal as RTP packets: its picture in every codec, its sound as Opus. */
export type EncodedSignal = { video: ReadonlyMap<VideoCodecName, Uint8Array[]>; sound: Uint8Array[] };

/** Encodes the test signal into `folder`. `keyFrameEvery`: frames between key frames, other than the encoders'. For specs. */
export async function encodeSignal(
  folder: string,
  { seconds, voice, keyFrameEvery }: { seconds: number; voice: Voice; keyFrameEvery?: number },
): Promise<EncodedSignal> {
  const video = new Map<VideoCodecName, Uint8Array[]>();
  for (const [codec, args] of Object.entries(encoders) as [VideoCodecName, string[]][]) {
    const path = join(folder, `source-${codec}`);
    const interval = keyFrameEvery === undefined ? args : ['-g', String(keyFrameEvery), ...withoutInterval(args)];
    await writeCameraFile(path, { seconds, voice }, interval);
    video.set(codec, codec === 'AV1' ? await packetiseAv1(path, 30) : await captureRtp(path));
  }
  const [wave, ogg] = [join(folder, 'source.wav'), join(folder, 'source.ogg')];
  await writeMicrophoneFile(wave, { seconds, voice });
  await runFfmpegArgs(['-i', wave, '-c:a', 'libopus', '-application', 'voip', '-b:a', '32k', '-ac', '2', ogg]);
  return { video, sound: await captureRtp(ogg) };
}

function withoutInterval(args: readonly string[]): string[] {
  return args.filter((argument, index) => argument !== '-g' && args[index - 1] !== '-g');
}
