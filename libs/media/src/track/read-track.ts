import { parseRtp } from '../rtp/rtp-packet.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { ntpMsOf, parseSenderReports } from '../rtp/sender-report.ts';
import { SequenceUnwrapper, TimestampUnwrapper } from '../rtp/unwrap.ts';
import type { StoredTrack } from './stored-track.ts';

/** A packet with its counters unwrapped. */
export type MediaPacket = {
  kind: 'media';
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

/**
 * A track's packets in order of arrival. Every reading unwraps alike, so timestamps of a first reading hold in the second.
 * What is neither RTP nor a sender report is passed over.
 */
export async function* readTrack(track: StoredTrack): AsyncGenerator<MediaPacket | ReportPacket, void, undefined> {
  const streams = new Map<number, { timestamps: TimestampUnwrapper; sequences: SequenceUnwrapper }>();
  const streamOf = (ssrc: number): { timestamps: TimestampUnwrapper; sequences: SequenceUnwrapper } => {
    let stream = streams.get(ssrc);
    if (!stream) {
      stream = { timestamps: new TimestampUnwrapper(track.header.clockRate), sequences: new SequenceUnwrapper() };
      streams.set(ssrc, stream);
    }
    return stream;
  };
  for await (const { kind, atMs, data } of track.readPackets()) {
    if (kind === 'rtcp') {
      for (const report of parseSenderReports(data)) {
        const ticks = streamOf(report.ssrc).timestamps.unwrap(report.rtpTimestamp, atMs);
        yield { kind: 'report', ssrc: report.ssrc, ticks, ntpMs: ntpMsOf(report), atMs };
      }
      continue;
    }
    const packet = parseRtp(data);
    if (!packet) continue;
    const { timestamps, sequences } = streamOf(packet.ssrc);
    const ticks = timestamps.unwrap(packet.timestamp, atMs);
    const sequence = sequences.unwrap(packet.sequenceNumber, atMs);
    yield { kind: 'media', ssrc: packet.ssrc, ticks, sequence, atMs, packet };
  }
}
