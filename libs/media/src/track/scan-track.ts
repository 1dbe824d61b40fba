import { readTrack } from './read-track.ts';
import type { StoredTrack } from './stored-track.ts';

/** The packet that came soonest after its media time, out of one second of arrivals. */
export type ArrivalWindow = {
  /** Unwrapped RTP timestamp. */
  ticks: number;
  atMs: number;
  /** Of the window's first packet. */
  firstTicks: number;
};
export type ReportPoint = { ticks: number; ntpMs: number; atMs: number };

/** What the clock fit needs to know of one SSRC: a few numbers a second, however long the track. */
export type StreamScan = {
  ssrc: number;
  clockRate: number;
  packetCount: number;
  /** How often the timestamp changed: at least the number of video frames. */
  frameCount: number;
  /** In order of arrival. */
  windows: ArrivalWindow[];
  reports: ReportPoint[];
};

export type TrackScan = {
  track: StoredTrack;
  /** By SSRC; only those that sent media. */
  streams: Map<number, StreamScan>;
  /** Arrival of the last packet; undefined without packets. */
  lastAtMs: number | undefined;
};

const windowMs = 1000;

/** Reads a track once: its sender reports and, for every second, the packet with the least delay. */
export async function scanTrack(track: StoredTrack): Promise<TrackScan> {
  const scanners = new Map<number, StreamScanner>();
  let lastAtMs: number | undefined;
  for await (const entry of readTrack(track)) {
    let scanner = scanners.get(entry.ssrc);
    if (!scanner) scanners.set(entry.ssrc, (scanner = new StreamScanner(entry.ssrc, track.header.clockRate)));
    if (entry.kind === 'media') {
      scanner.addPacket(entry.ticks, entry.atMs);
      lastAtMs = entry.atMs;
    } else if (entry.ntpMs > 0) {
      scanner.scan.reports.push({ ticks: entry.ticks, ntpMs: entry.ntpMs, atMs: entry.atMs });
    }
  }
  const streams = [...scanners.values()].map(({ scan }) => scan).filter(({ packetCount }) => packetCount > 0);
  return { track, streams: new Map(streams.map((scan) => [scan.ssrc, scan])), lastAtMs };
}

class StreamScanner {
  readonly scan: StreamScan;
  private windowEndMs = -Infinity;
  private leastDelayMs = Infinity;
  private lastTicks: number | undefined;

  constructor(ssrc: number, clockRate: number) {
    this.scan = { ssrc, clockRate, packetCount: 0, frameCount: 0, windows: [], reports: [] };
  }

  addPacket(ticks: number, atMs: number): void {
    const delayMs = atMs - (ticks / this.scan.clockRate) * 1000;
    this.scan.packetCount++;
    if (ticks !== this.lastTicks) this.scan.frameCount++;
    this.lastTicks = ticks;
    if (atMs >= this.windowEndMs) {
      this.windowEndMs = atMs + windowMs;
      this.leastDelayMs = delayMs;
      this.scan.windows.push({ ticks, atMs, firstTicks: ticks });
    } else if (delayMs < this.leastDelayMs) {
      this.leastDelayMs = delayMs;
      Object.assign(this.scan.windows.at(-1)!, { ticks, atMs });
    }
  }
}
