import { describe, expect, it } from 'vitest';
import { h264 } from './h264.ts';
import { opusHead, opusPacketTicks, opusSilence } from './opus.ts';
import { vp8 } from './vp8.ts';
import { vp9 } from './vp9.ts';

const vp8Key = Uint8Array.of(0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01);

describe('VP8', () => {
  it('takes off descriptors of every length', () => {
    for (const descriptor of [[0x10], [0x90, 0x80, 0x05], [0x90, 0x80, 0x81, 0x05], [0x90, 0xf0, 0x81, 5, 6, 7]]) {
      const fragment = vp8.depacketise(Uint8Array.of(...descriptor, ...vp8Key))!;
      expect(fragment.startsFrame).toBe(true);
      expect(vp8.assemble([fragment])).toEqual(vp8Key);
    }
  });

  it('does not take the middle of a frame for its beginning', () => {
    expect(vp8.depacketise(Uint8Array.of(0x00, 1, 2))!.startsFrame).toBe(false);
    expect(vp8.depacketise(Uint8Array.of(0x11, 1, 2))!.startsFrame).toBe(false);
    expect(vp8.depacketise(Uint8Array.of(0x90))).toBeUndefined();
  });

  it('reads the size of a key frame', () => {
    expect(vp8.readKeyFrame(vp8Key)).toEqual({ width: 640, height: 360, codecString: 'vp8' });
    expect(vp8.readKeyFrame(Uint8Array.of(0x11, ...vp8Key.subarray(1)))).toBeUndefined();
  });
});

describe('VP9', () => {
  it('takes off picture number, layers, references and scalability structure', () => {
    const inFlexible = Uint8Array.of(0b1111_1000, 0x81, 0x05, 0b0000_0000, 0b0000_0011, 0b0000_0100, 42);
    expect(vp9.depacketise(inFlexible)).toEqual({ data: [Uint8Array.of(42)], startsFrame: true });
    const withStructure = Uint8Array.of(0b1010_1010, 0x05, 0, 9, 0b0001_1000, 2, 128, 1, 104, 1, 0b0000_0100, 1, 42);
    expect(vp9.depacketise(withStructure)).toEqual({ data: [Uint8Array.of(42)], startsFrame: true });
  });
});

describe('H.264', () => {
  it('joins fragments of a unit, and parts aggregates', () => {
    const start = h264.depacketise(Uint8Array.of(0x7c, 0x85, 0x88, 1))!;
    const end = h264.depacketise(Uint8Array.of(0x7c, 0x45, 2, 3))!;
    expect(start.startsFrame).toBe(true);
    expect(end.startsFrame).toBe(false);
    expect([...h264.assemble([start, end])!]).toEqual([0, 0, 0, 1, 0x65, 0x88, 1, 2, 3]);
    const aggregate = h264.depacketise(Uint8Array.of(24, 0, 2, 0x67, 1, 0, 2, 0x68, 2))!;
    expect([...h264.assemble([aggregate])!]).toEqual([0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2]);
    expect(h264.depacketise(Uint8Array.of(24, 0, 9, 0x67))).toBeUndefined();
  });

  it('does not take a later slice for the beginning of a picture', () => {
    expect(h264.depacketise(Uint8Array.of(0x41, 0x80))!.startsFrame).toBe(true);
    expect(h264.depacketise(Uint8Array.of(0x41, 0x40))!.startsFrame).toBe(false);
  });
});

describe('Opus', () => {
  it('knows how long packets last', () => {
    expect(opusPacketTicks(Uint8Array.of(0xf8))).toBe(960);
    expect(opusPacketTicks(Uint8Array.of(0x0b, 0x03))).toBe(3 * 960);
    expect(opusPacketTicks(Uint8Array.of(0x19))).toBe(2 * 2880);
    expect(opusPacketTicks(new Uint8Array(0))).toBe(0);
    expect(opusPacketTicks(Uint8Array.of(0x1b, 0x3f))).toBe(0);
  });

  it('fills any time with silence to within 2.5 ms', () => {
    const packets = opusSilence(960 * 3 + 480 + 120 + 50, true);
    expect(packets.map(({ ticks }) => ticks)).toEqual([960, 960, 960, 480, 120]);
    for (const { data, ticks } of packets) {
      expect(opusPacketTicks(data)).toBe(ticks);
      expect(data[0]! & 4).toBe(4);
    }
  });

  it('writes a header that begins as RFC 7845 says', () => {
    expect(Buffer.from(opusHead(2)).subarray(0, 10).toString('latin1')).toBe('OpusHead\x01\x02');
  });
});
