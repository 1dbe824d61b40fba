import type { AudioPacket } from './audio-timeline.ts';
import { AudioTimeline } from './audio-timeline.ts';
import type { DeriveJob, DerivedMedia } from './derive-track.ts';
import { MediaFile } from './media-file.ts';
import { readOrderedMedia } from './ordered-media.ts';

/** What WebRTC negotiates for Opus; a mono stream decodes to two equal channels. */
const channels = 2;

/**
 * What a decoder gives for a packet was captured this much before the packet's timestamp says: libopus looks ahead by
 * 312 samples (the pre-skip that files name and RTP cannot). Seen with Chromium as a constant 6 to 8 ms of late sound.
 */
const encoderDelayMs = 6.5;

/** An Opus track as WebM, silence where sound is missing. @returns null when no packet held sound. */
export async function deriveAudio(job: DeriveJob): Promise<DerivedMedia | null> {
  const { track, gaps, endMs } = job;
  const path = `${job.pathWithoutExtension}.webm`;
  const file = await MediaFile.create(path, { container: 'webm', audio: { channels } });
  try {
    let ready: AudioPacket[] = [];
    let startMs: number | undefined;
    const timeline = new AudioTimeline({
      onPacket: (packet) => ready.push(packet),
      onMissing: (fromMs, toMs, wasLost) => gaps.add(fromMs, toMs, wasLost ? 'network-loss' : 'dtx'),
    });
    const write = async (): Promise<void> => {
      for (const { data, atMs, durationMs } of ready) {
        startMs ??= atMs;
        const atSeconds = (atMs - startMs) / 1000;
        await file.add({ data, isKey: true, atSeconds, durationSeconds: durationMs / 1000 });
      }
      ready = [];
    };
    for await (const { packet: media, lostBefore, atMs } of readOrderedMedia(job)) {
      timeline.push({ data: media.packet.payload, atMs, lostBefore });
      if (ready.length > 0) await write();
    }
    if (startMs === undefined || timeline.endMs === undefined) {
      await file.cancel();
      return null;
    }
    gaps.add(track.header.startMs, startMs, undefined);
    gaps.add(timeline.endMs, endMs, undefined);
    const sizeBytes = await file.finish();
    const durationMs = timeline.endMs - startMs;
    return {
      path,
      extension: 'webm',
      mimeType: 'audio/webm; codecs="opus"',
      startMs: startMs - encoderDelayMs,
      durationMs,
      sizeBytes,
    };
  } catch (error) {
    await file.cancel();
    throw error;
  }
}
