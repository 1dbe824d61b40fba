import type { DumpPacket } from '@rushes/media';
import type { TrackSink, TrackSinks } from './track-sink.ts';

/** Hands a track on to where it goes once its sender is admitted, and knows when something last came. */
export class WatchedSinks implements TrackSinks {
  /** Packets of an admitted sender, whether the sink took them or not. */
  packetCount = 0;
  /** Arrival of the last of them, on the recording clock. */
  lastMs: number | undefined;
  private isAdmitted = false;
  /** What came before it was known who sends. */
  private held: (() => void)[] = [];

  constructor(private readonly sinks: TrackSinks) {}

  /** The sender is who it should be: what has come is handed on, and what comes. */
  admit(): void {
    this.isAdmitted = true;
    for (const take of this.held.splice(0)) take();
  }

  openTrack(track: Parameters<TrackSinks['openTrack']>[0]): TrackSink {
    const sink = this.sinks.openTrack(track);
    const append = sink.append.bind(sink);
    const take = (packet: DumpPacket): void => {
      this.packetCount++;
      this.lastMs = packet.atMs;
      append(packet);
    };
    sink.append = (packet) => {
      if (this.isAdmitted) return take(packet);
      // The bytes lie in a buffer that belongs to the channel.
      const copy = { ...packet, data: new Uint8Array(packet.data) };
      if (this.held.length < mostHeld) this.held.push(() => take(copy));
    };
    return sink;
  }
}

/** Packets that are held for a sender who is not known yet; a key frame has fewer. */
const mostHeld = 1000;
