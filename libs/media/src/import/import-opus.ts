import { EncodedPacketSink } from 'mediabunny';
import type { InputAudioTrack } from 'mediabunny';
import { AudioTimeline } from '../derive/audio-timeline.ts';
import type { AudioPacket } from '../derive/audio-timeline.ts';
import type { DerivedMedia } from '../derive/derive-track.ts';
import { MediaFile } from '../derive/media-file.ts';
import { startOf } from './probe-media-file.ts';
import { readMediaFile } from './read-media-file.ts';

export type ImportOpusOptions = {
  /** A WebM file with the packets at the original's times. */
  written: string;
  /** The file to write. */
  path: string;
  channels: number;
  signal?: AbortSignal;
};

/**
 * Lays Opus packets end to end as derivation does, silence where sound is missing: recorders leave holes in their files (DTX,
 * loss), and a player that counts samples would close them.
 * @returns null when no packet held sound
 */
export async function importOpus(options: ImportOpusOptions): Promise<Omit<DerivedMedia, 'extension'> | null> {
  const { written, path, channels, signal } = options;
  // ffmpeg's times are those at which the decoded sound is heard; mediabunny's do not count the encoder's delay.
  const heardMs = await startOf(written, 0, signal);
  return readMediaFile(written, async (input) => {
    const track = await input.getPrimaryAudioTrack();
    if (!track || heardMs === undefined) return null;
    const delayMs = (await track.getFirstTimestamp()) * 1000 - heardMs;
    const file = await MediaFile.create(path, { container: 'webm', audio: { channels } });
    try {
      const laid = await layPackets(track, file, signal);
      if (!laid) {
        await file.cancel();
        return null;
      }
      const { startMs, endMs } = laid;
      const mimeType = 'audio/webm; codecs="opus"';
      const sizeBytes = await file.finish();
      return { path, mimeType, startMs: startMs - delayMs, durationMs: endMs - startMs, sizeBytes };
    } catch (error) {
      await file.cancel();
      throw error;
    }
  });
}

/** @returns where the sound begins and ends, by the packets' times; undefined when there is none */
async function layPackets(
  track: InputAudioTrack,
  file: MediaFile,
  signal: AbortSignal | undefined,
): Promise<{ startMs: number; endMs: number } | undefined> {
  let ready: AudioPacket[] = [];
  let startMs: number | undefined;
  const timeline = new AudioTimeline({ onPacket: (packet) => ready.push(packet), onMissing: () => undefined });
  for await (const { data, timestamp } of new EncodedPacketSink(track).packets()) {
    signal?.throwIfAborted();
    timeline.push({ data, atMs: timestamp * 1000, lostBefore: 0 });
    for (const packet of ready) {
      startMs ??= packet.atMs;
      const times = { atSeconds: (packet.atMs - startMs) / 1000, durationSeconds: packet.durationMs / 1000 };
      await file.add({ data: packet.data, isKey: true, ...times });
    }
    ready = [];
  }
  const { endMs } = timeline;
  return startMs === undefined || endMs === undefined ? undefined : { startMs, endMs };
}
