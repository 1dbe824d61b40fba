import type { MediaPacket } from '../track/read-track.ts';
import type { Ordered } from '../rtp/reorder.ts';
import type { Fragment, KeyFrame, VideoCodec } from '../codecs/video-codec.ts';

export type VideoFrame = {
  ssrc: number;
  ticks: number;
  data: Uint8Array;
  /** Set on frames that can be decoded alone. */
  key: KeyFrame | undefined;
};

type OpenFrame = { ssrc: number; ticks: number; fragments: Fragment[]; isWhole: boolean };

/**
 * Builds frames from packets in order. Frames come out only while everything they build on came out: after a loss nothing
 * does until the next key frame.
 */
export class FrameAssembler {
  private open: OpenFrame | undefined;
  private needsKey = true;
  private currentSsrc: number | undefined;

  constructor(
    private readonly codec: VideoCodec,
    private readonly sink: {
      onFrame(frame: VideoFrame): void;
      /** A picture cannot be shown: part of it, or something it builds on, never arrived. */
      onDropped(): void;
    },
  ) {}

  push({ packet: media, lostBefore }: Ordered<MediaPacket>): void {
    const { ssrc, ticks, packet } = media;
    if (ssrc !== this.currentSsrc) this.switchTo(ssrc);
    if (this.open && this.open.ticks !== ticks) {
      // Without a marker, only a next packet that follows at once proves that the frame had ended.
      if (lostBefore > 0) this.open.isWhole = false;
      this.close();
    } else if (this.open && lostBefore > 0) {
      this.open.isWhole = false;
    }
    if (packet.payload.length === 0) return this.noteLoss(lostBefore);
    const fragment = this.codec.depacketise(packet.payload);
    if (!this.open) {
      this.noteLoss(lostBefore);
      this.open = { ssrc, ticks, fragments: [], isWhole: fragment?.startsFrame === true };
    }
    if (fragment) this.open.fragments.push(fragment);
    else this.open.isWhole = false;
    if (packet.marker) this.close();
  }

  /** At the end of the stream: a last frame without a marker stays out. */
  end(): void {
    if (this.open) this.open.isWhole = false;
    this.close();
  }

  private switchTo(ssrc: number): void {
    if (this.open) this.end();
    this.currentSsrc = ssrc;
    this.needsKey = true;
  }

  /** What is missing may have been a whole frame that the next ones build on. */
  private noteLoss(lostBefore: number): void {
    if (lostBefore > 0) this.needsKey = true;
  }

  private close(): void {
    const frame = this.open;
    this.open = undefined;
    if (!frame) return;
    const data = frame.isWhole ? this.codec.assemble(frame.fragments) : undefined;
    const key = data && this.codec.readKeyFrame(data);
    if (key) this.needsKey = false;
    const { ssrc, ticks } = frame;
    if (data && !this.needsKey) return this.sink.onFrame({ ssrc, ticks, data, key });
    this.needsKey = true;
    this.sink.onDropped();
  }
}
