import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { WritableStream } from 'node:stream/web';
import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
  StreamTarget,
  WebMOutputFormat,
} from 'mediabunny';
import type { StreamTargetChunk } from 'mediabunny';
import type { KeyFrame, VideoCodec } from '../codecs/video-codec.ts';
import { opusHead, opusRate } from '../codecs/opus.ts';
import { dropFalseCues } from './webm-cues.ts';
import { clearCreationTimes } from './mp4-times.ts';

/** Bytes that are gathered before they are written. */
const writeBytes = 1 << 20;

export type MediaFileFormat =
  | { container: 'webm'; audio: { channels: number } }
  | {
      container: 'webm' | 'mp4';
      video: {
        codec: VideoCodec;
        first: KeyFrame;
        /** Of all frames to come; an upper bound will do. */ frameCount: number;
      };
    };

/** Times in seconds from the file's beginning. */
export type MediaSample = { data: Uint8Array; isKey: boolean; atSeconds: number; durationSeconds: number };

/**
 * Writes one track to a seekable file with an index: WebM with Cues, or MP4 with its moov box first. Equal samples give
 * equal bytes. Holds about a second of media and the index in memory.
 */
export class MediaFile {
  private readonly keyTimesMs = new Set<number>();
  private lastClusterEnd = 0;

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    private readonly output: Output,
    private readonly source: EncodedAudioPacketSource | EncodedVideoPacketSource,
    private readonly format: MediaFileFormat,
  ) {}

  static async create(path: string, format: MediaFileFormat): Promise<MediaFile> {
    const handle = await open(path, 'w+');
    const target = new StreamTarget(
      new WritableStream<StreamTargetChunk>({
        write: async ({ data, position }) => void (await handle.write(data, 0, data.length, position)),
      }),
      { chunked: true, chunkSize: writeBytes },
    );
    const clusters: { onCluster?: (end: number) => void } = {};
    const outputFormat =
      format.container === 'mp4'
        ? new Mp4OutputFormat({ fastStart: 'reserve' })
        : new WebMOutputFormat({ onCluster: (data, position) => clusters.onCluster?.(position + data.length) });
    const output = new Output({ format: outputFormat, target });
    const source = addTrack(output, format);
    const file = new MediaFile(path, handle, output, source, format);
    clusters.onCluster = (end) => (file.lastClusterEnd = end);
    await output.start();
    return file;
  }

  async add(sample: MediaSample): Promise<void> {
    const { data, isKey, atSeconds, durationSeconds } = sample;
    const packet = new EncodedPacket(data, isKey ? 'key' : 'delta', atSeconds, durationSeconds);
    if (isKey) this.keyTimesMs.add(Math.round(atSeconds * 1000));
    if (this.source instanceof EncodedVideoPacketSource) await this.source.add(packet, this.videoMetadata());
    else await this.source.add(packet, this.audioMetadata());
  }

  /** Writes the index. @returns the file's length in bytes. */
  async finish(): Promise<number> {
    await this.output.finalize();
    if (this.format.container === 'mp4') await clearCreationTimes(this.handle);
    else await dropFalseCues(this.handle, this.lastClusterEnd, this.keyTimesMs);
    const { size } = await this.handle.stat();
    await this.handle.close();
    return size;
  }

  /** Gives up; the file is left incomplete. */
  async cancel(): Promise<void> {
    await this.output.cancel();
    await this.handle.close();
  }

  private videoMetadata(): Parameters<EncodedVideoPacketSource['add']>[1] {
    if (!('video' in this.format)) throw new TypeError(`${this.path} holds no video`);
    const { width, height, codecString, color } = this.format.video.first;
    // Said in the file, and by mediabunny in VP9's own headers: players guess by the size otherwise.
    const colorSpace = color === null ? {} : { colorSpace: color };
    return { decoderConfig: { codec: codecString, codedWidth: width, codedHeight: height, ...colorSpace } };
  }

  private audioMetadata(): Parameters<EncodedAudioPacketSource['add']>[1] {
    if (!('audio' in this.format)) throw new TypeError(`${this.path} holds no audio`);
    const { channels } = this.format.audio;
    return {
      decoderConfig: {
        codec: 'opus',
        numberOfChannels: channels,
        sampleRate: opusRate,
        description: opusHead(channels),
      },
    };
  }
}

function addTrack(output: Output, format: MediaFileFormat): EncodedAudioPacketSource | EncodedVideoPacketSource {
  if ('audio' in format) {
    const source = new EncodedAudioPacketSource('opus');
    output.addAudioTrack(source);
    return source;
  }
  const source = new EncodedVideoPacketSource(format.video.codec.muxerCodec);
  output.addVideoTrack(source, format.container === 'mp4' ? { maximumPacketCount: format.video.frameCount } : {});
  return source;
}
