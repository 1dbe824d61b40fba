import { rm } from 'node:fs/promises';
import type { GapReason } from '@rushes/timeline';
import { createVideoCodec } from '../codecs/find-codec.ts';
import type { KeyFrame, VideoCodec } from '../codecs/video-codec.ts';
import type { DeriveJob, DerivedMedia } from './derive-track.ts';
import { SizeList } from './size-list.ts';
import { FrameAssembler } from './frame-assembler.ts';
import type { VideoFrame } from './frame-assembler.ts';
import { MediaFile } from './media-file.ts';
import { readOrderedMedia } from './ordered-media.ts';

/** Of a last frame, which no other follows. */
const lastFrameMs = 1000 / 30;
/** Frames that follow each other nearer than this on the recording clock are kept apart by as much: files need rising times. */
const leastFrameMs = 1;

type PlacedFrame = VideoFrame & { atMs: number };

/** A video track as WebM or MP4 from its first key frame on. @returns null when no key frame ever came whole. */
export async function deriveVideo(job: DeriveJob): Promise<DerivedMedia | null> {
  const codec = createVideoCodec(job.track.header.codec);
  const writer = new VideoWriter(job, codec);
  const frames: VideoFrame[] = [];
  const gaps = new VideoGaps(job);
  const assembler = new FrameAssembler(codec, {
    onFrame: (frame) => frames.push(frame),
    onDropped: () => gaps.noteLoss(),
  });
  const drain = async (): Promise<void> => {
    for (const frame of frames.splice(0)) {
      const atMs = Math.max(job.atMsOf(frame.ssrc, frame.ticks), writer.lastAtMs + leastFrameMs);
      gaps.noteFrame(atMs);
      await writer.add({ ...frame, atMs });
    }
  };
  try {
    for await (const ordered of readOrderedMedia(job)) {
      gaps.noteStream(ordered.packet.ssrc);
      if (ordered.lostBefore > 0) gaps.noteLoss();
      assembler.push(ordered);
      if (frames.length > 0) await drain();
    }
    assembler.end();
    await drain();
    gaps.end();
    return await writer.finish();
  } catch (error) {
    await writer.cancel();
    throw error;
  }
}

/** Opens the file at the first frame, and writes each frame when the next one tells how long it lasts. */
class VideoWriter {
  lastAtMs = -Infinity;
  private file: MediaFile | undefined;
  private held: PlacedFrame | undefined;
  private hasSamples = false;
  private startMs = 0;
  private first: KeyFrame | undefined;
  private readonly sizes = new SizeList();
  private readonly path: string;

  constructor(
    private readonly job: DeriveJob,
    private readonly codec: VideoCodec,
  ) {
    this.path = `${job.pathWithoutExtension}.${codec.container}`;
  }

  async add(frame: PlacedFrame): Promise<void> {
    await this.writeHeld(frame.atMs);
    if (!this.first && frame.key) {
      this.first = frame.key;
      this.startMs = frame.atMs;
      const { container } = this.codec;
      const video = { codec: this.codec, first: frame.key, frameCount: this.job.frameCount };
      this.file = await MediaFile.create(this.path, { container, video });
    }
    if (frame.key) this.sizes.note(frame.key);
    this.held = frame;
    this.lastAtMs = frame.atMs;
  }

  async finish(): Promise<DerivedMedia | null> {
    const endMs = this.lastAtMs + lastFrameMs;
    await this.writeHeld(endMs);
    if (!this.file || !this.first) return null;
    const sizeBytes = await this.file.finish();
    const { container: extension } = this.codec;
    const { codecString } = this.first;
    const mimeType = `video/${extension}; codecs="${codecString}"`;
    return {
      path: this.path,
      extension,
      mimeType,
      startMs: this.startMs,
      durationMs: endMs - this.startMs,
      sizeBytes,
      ...this.sizes.list(),
    };
  }

  async cancel(): Promise<void> {
    await this.file?.cancel();
  }

  private async writeHeld(untilMs: number): Promise<void> {
    if (!this.held || !this.file) return;
    const { data, key, atMs } = this.held;
    const durationSeconds = (untilMs - atMs) / 1000;
    const sample = { data, isKey: key !== undefined, atSeconds: (atMs - this.startMs) / 1000, durationSeconds };
    try {
      await this.file.add(sample);
      this.hasSamples = true;
    } catch (error) {
      // What the disk says is no matter of the frame.
      if (this.hasSamples || isSystemError(error)) throw error;
      await this.beginAgain();
    }
  }

  /** The first frame is damaged so that no file can say how to decode it: the next key frame is the first. */
  private async beginAgain(): Promise<void> {
    await this.file?.cancel();
    await rm(this.path, { force: true });
    this.file = undefined;
    this.first = undefined;
    this.sizes.clear();
    this.held = undefined;
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** A video's gaps: pauses, and pictures that could not be shown. A sender that has nothing new to show leaves none. */
class VideoGaps {
  private lastMs: number | undefined;
  private ssrc: number | undefined;
  private reason: GapReason | undefined;

  constructor(private readonly job: DeriveJob) {}

  /** Something between the last frame and the next one never came, or cannot be decoded. */
  noteLoss(): void {
    this.reason ??= 'network-loss';
  }

  /** Another layer begins with its next key frame. */
  noteStream(ssrc: number): void {
    if (this.ssrc !== undefined && this.ssrc !== ssrc) this.reason ??= 'layer-switch';
    this.ssrc = ssrc;
  }

  noteFrame(atMs: number): void {
    // Before the first key frame nothing could be decoded: that is how video begins, and no loss.
    const reason = this.lastMs === undefined ? undefined : this.reason;
    this.job.gaps.add(this.lastMs ?? this.job.track.header.startMs, atMs, reason);
    this.lastMs = atMs;
    this.reason = undefined;
  }

  end(): void {
    if (this.lastMs === undefined) return;
    this.job.gaps.add(this.lastMs, this.job.endMs, this.reason);
  }
}
