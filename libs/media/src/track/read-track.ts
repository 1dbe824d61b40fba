import { parseRtp } from '../rtp/rtp-packet.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { ntpMsOf, parseSenderReports } from '../rtp/sender-report.ts';
import { SequenceUnwrapper, TimestampUnwrapper } from '../rtp/unwrap.ts';
import { JumpGuard } from './jump-guard.ts';
import type { ArrivedRtp } from './jump-guard.ts';
import type { StoredTrack } from './stored-track.ts';

/** A packet with its counters unwrapped. */
export type MediaPacket = {
  kind: 'media';
  /** The SSRC; a stream whose counters jumped is another one from there on, with a number above all SSRCs. */
  ssrc: number;
  /** Unwrapped RTP timestamp. */
  ticks: number;
  /** Unwrapped sequence number. */
  sequence: number;
  /** Arrival. */
  atMs: number;
  packet: RtpPacket;
};
/** A sender report with its RTP timestamp unwrapped. */
export type ReportPacket = { kind: 'report'; ssrc: number; ticks: number; ntpMs: number; atMs: number };

const ssrcRange = 2 ** 32;

/**
 * A track's packets in order of arrival. Every reading unwraps alike, so timestamps of a first reading hold in the second.
 * What is neither RTP nor a sender report is passed over, as is a packet that follows nothing (see {@link JumpGuard}).
 */
export async function* readTrack(track: StoredTrack): AsyncGenerator<MediaPacket | ReportPacket, void, undefined> {
  const streams = new Map<number, StreamReader>();
  const streamOf = (ssrc: number): StreamReader => {
    let stream = streams.get(ssrc);
    if (!stream) streams.set(ssrc, (stream = new StreamReader(ssrc, track.header.clockRate)));
    return stream;
  };
  for await (const { kind, atMs, data } of track.readPackets()) {
    if (kind === 'rtcp') {
      for (const report of parseSenderReports(data)) {
        const { ssrc, ticks } = streamOf(report.ssrc).place(report.rtpTimestamp, atMs);
        yield { kind: 'report', ssrc, ticks, ntpMs: ntpMsOf(report), atMs };
      }
      continue;
    }
    const packet = parseRtp(data);
    if (packet) yield* streamOf(packet.ssrc).push({ packet, atMs });
  }
  for (const stream of streams.values()) yield* stream.flush();
}

/** One SSRC's counters. */
class StreamReader {
  private readonly guard: JumpGuard;
  private timestamps: TimestampUnwrapper;
  private sequences = new SequenceUnwrapper();

  constructor(
    private ssrc: number,
    private readonly clockRate: number,
  ) {
    this.guard = new JumpGuard(clockRate);
    this.timestamps = new TimestampUnwrapper(clockRate);
  }

  push(arrived: ArrivedRtp): MediaPacket[] {
    const { packets, isJump } = this.guard.push(arrived);
    if (isJump) {
      this.ssrc += ssrcRange;
      this.timestamps = new TimestampUnwrapper(this.clockRate);
      this.sequences = new SequenceUnwrapper();
    }
    return packets.map((each) => this.unwrap(each));
  }

  flush(): MediaPacket[] {
    return this.guard.flush().map((each) => this.unwrap(each));
  }

  /** Where a timestamp stands that is no packet's. */
  place(timestamp: number, atMs: number): { ssrc: number; ticks: number } {
    return { ssrc: this.ssrc, ticks: this.timestamps.unwrap(timestamp, atMs) };
  }

  private unwrap({ packet, atMs }: ArrivedRtp): MediaPacket {
    const { ssrc, ticks } = this.place(packet.timestamp, atMs);
    const sequence = this.sequences.unwrap(packet.sequenceNumber, atMs);
    return { kind: 'media', ssrc, ticks, sequence, atMs, packet };
  }
}
