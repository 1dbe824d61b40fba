import { describe, expect, it } from 'vitest';
import { Reorderer } from './reorder.ts';
import { parseRtp } from './rtp-packet.ts';
import { encodeSenderReport, ntpMsOf, parseSenderReports } from './sender-report.ts';
import { SequenceUnwrapper, TimestampUnwrapper } from './unwrap.ts';

describe('parseRtp', () => {
  it('finds the payload behind contributors and extensions, and without padding', () => {
    const header = [0xb1, 0x80 | 96, 0x12, 0x34, 0, 0, 0, 9, 0, 0, 0, 7];
    const packet = Uint8Array.of(...header, 0, 0, 0, 1, 0xbe, 0xde, 0, 1, 9, 9, 9, 9, 42, 43, 0, 0, 3);
    expect(parseRtp(packet)).toEqual({
      marker: true,
      payloadType: 96,
      sequenceNumber: 0x1234,
      timestamp: 9,
      ssrc: 7,
      payload: Uint8Array.of(42, 43),
    });
  });

  it('refuses RTCP and what is too short', () => {
    expect(parseRtp(encodeSenderReport({ ...report, ssrc: 1 }))).toBeUndefined();
    expect(parseRtp(new Uint8Array(11))).toBeUndefined();
    expect(parseRtp(Uint8Array.of(0xa0, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200))).toBeUndefined();
  });
});

const report = { ssrc: 7, ntpSec: 3_900_000_000, ntpFrac: 0x8000_0000, rtpTimestamp: 5, packetCount: 3, octetCount: 4 };

describe('sender reports', () => {
  it('are read back from a compound packet', () => {
    const receiverReport = Uint8Array.of(0x80, 201, 0, 1, 0, 0, 0, 1);
    const compound = Buffer.concat([receiverReport, encodeSenderReport(report)]);
    expect(parseSenderReports(compound)).toEqual([report]);
    expect(ntpMsOf(report)).toBe(3_900_000_000_500);
  });

  it('are not found in torn or foreign bytes', () => {
    expect(parseSenderReports(encodeSenderReport(report).subarray(0, 20))).toEqual([]);
    expect(parseSenderReports(new Uint8Array(30))).toEqual([]);
  });
});

describe('unwrapping', () => {
  it('counts timestamps on over their end, in order or not', () => {
    const unwrapper = new TimestampUnwrapper(90_000);
    expect([0xffff_fff0, 0x10, 0xffff_fffa, 0x20].map((timestamp) => unwrapper.unwrap(timestamp, 0))).toEqual([
      0xffff_fff0, 0x1_0000_0010, 0xffff_fffa, 0x1_0000_0020,
    ]);
  });

  it('knows by the arrival how often the clock went round during a long mute', () => {
    const unwrapper = new TimestampUnwrapper(90_000);
    const hours = 30;
    const ticks = 1000 + hours * 3600 * 90_000;
    expect(unwrapper.unwrap(1000, 0)).toBe(1000);
    expect(unwrapper.unwrap(ticks % 2 ** 32, hours * 3_600_000 + 40)).toBe(ticks);
  });

  it('counts sequence numbers on over their end, and on after a silence however far they went', () => {
    const unwrapper = new SequenceUnwrapper();
    expect([65_534, 0, 65_535, 1].map((number) => unwrapper.unwrap(number, 0))).toEqual([
      65_534, 65_536, 65_535, 65_537,
    ]);
    expect(unwrapper.unwrap(40_000, 60_000)).toBe(65_536 + 40_000);
  });
});

describe('Reorderer', () => {
  const packet = (sequence: number, atMs: number) => ({ sequence, atMs });
  function run(packets: { sequence: number; atMs: number }[]): [number, number][] {
    const reorderer = new Reorderer();
    const ordered = [...packets.flatMap((each) => reorderer.push(each)), ...reorderer.flush()];
    return ordered.map(({ packet: { sequence }, lostBefore }) => [sequence, lostBefore]);
  }

  it('puts late packets in their place and drops repeated ones', () => {
    const order = [1, 0, 2, 4, 4, 3, 5, 2].map((sequence, index) => packet(sequence, index * 20));
    expect(run(order)).toEqual([0, 1, 2, 3, 4, 5].map((sequence) => [sequence, 0]));
  });

  it('says how many never came', () => {
    const order = [0, 1, 5, 6].map((sequence, index) => packet(sequence, index * 20));
    expect(run(order)).toEqual([
      [0, 0],
      [1, 0],
      [5, 3],
      [6, 0],
    ]);
  });

  it('does not wait longer than retries last', () => {
    const reorderer = new Reorderer();
    reorderer.push(packet(0, 0));
    reorderer.push(packet(1, 3500));
    expect(reorderer.push(packet(3, 3520))).toEqual([]);
    expect(reorderer.push(packet(4, 7000)).map(({ packet: { sequence } }) => sequence)).toEqual([3, 4]);
    expect(reorderer.push(packet(2, 7010))).toEqual([]);
  });
});
