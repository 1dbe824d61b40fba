import type { TrackSink, TrackSinks } from './track-sink.ts';

/** Hands a track on to where it goes, and knows when something last came. */
export class WatchedSinks implements TrackSinks {
  /** Arrival of the last packet, on the recording clock. */
  lastMs: number | undefined;
  private opened: TrackSink | undefined;

  constructor(private readonly sinks: TrackSinks) {}

  get packetCount(): number {
    return this.opened?.packetCount ?? 0;
  }

  openTrack(track: Parameters<TrackSinks['openTrack']>[0]): TrackSink {
    const sink = this.sinks.openTrack(track);
    this.opened = sink;
    const append = sink.append.bind(sink);
    sink.append = (packet) => {
      this.lastMs = packet.atMs;
      append(packet);
    };
    return sink;
  }
}
