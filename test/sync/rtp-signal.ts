import { join } from 'node:path';
import { runFfmpegArgs } from '@rushes/media';
import { captureRtp } from '../../libs/media/src/testing/capture-rtp.ts';
import { encoders, type VideoCodecName } from '../../libs/media/src/testing/encoders.ts';
import type { Voice } from '../content/signal.ts';
import { writeCameraFile, writeMicrophoneFile } from '../content/write-signal.ts';

/** Length of the signal, which senders repeat; its codes are numbers of frames and begin again with it. */
export const rtpSignalSeconds = 10;

/** 20 ms of Opus a packet. */
const audioPackets = rtpSignalSeconds * 50;

/** The test signal as RTP packets: each has its place in the signal, counted in ticks of its clock. */
export type RtpSignal = Record<'audio' | 'video', { ticks: number; packet: Uint8Array }[]>;

/** Encodes and packetises the signal with ffmpeg: 10 s, about 4 s of work. */
export async function makeRtpSignal(folder: string, voice: Voice, codec: VideoCodecName): Promise<RtpSignal> {
  const seconds = rtpSignalSeconds;
  const [camera, wave, opus] = ['camera', 'microphone.wav', 'microphone.ogg'].map((name) => join(folder, name));
  await writeCameraFile(camera!, { seconds, voice }, encoders[codec]);
  await writeMicrophoneFile(wave!, { seconds, voice });
  const encoder = ['-c:a', 'libopus', '-application', 'voip', '-b:a', '32k', '-ac', '2'];
  await runFfmpegArgs(['-v', 'error', '-y', '-i', wave!, ...encoder, opus!]);
  const video = placed(await captureRtp(camera!));
  const audio = placed(await captureRtp(opus!));
  return { video, audio: audio.slice(0, audioPackets) };
}

function placed(packets: readonly Uint8Array[]): { ticks: number; packet: Uint8Array }[] {
  const timestampOf = (packet: Uint8Array): number => Buffer.from(packet).readUInt32BE(4);
  const first = timestampOf(packets[0]!);
  return packets.map((packet) => ({ ticks: (timestampOf(packet) - first) >>> 0, packet }));
}
