import { describe, expect, it } from 'vitest';
import { h264 } from './h264.ts';
import { bt601, bt601With625Lines, bt709 } from './picture-color.ts';
import { opusHead, opusPacketTicks, opusSilence } from './opus.ts';
import { vp8 } from './vp8.ts';
import { createVp9 } from './vp9.ts';

const vp9 = createVp9();
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
    expect(vp8.readKeyFrame(vp8Key)).toEqual({ width: 640, height: 360, codecString: 'vp8', color: bt601 });
    expect(vp8.readKeyFrame(Uint8Array.of(0x11, ...vp8Key.subarray(1)))).toBeUndefined();
  });
});

describe('VP9', () => {
  it('takes off picture number, layers, references and scalability structure', () => {
    const inFlexible = Uint8Array.of(0b1111_1000, 0x81, 0x05, 0b0000_0000, 0b0000_0011, 0b0000_0100, 42);
    expect(vp9.depacketise(inFlexible)).toMatchObject({ data: [Uint8Array.of(42)], startsFrame: true });
    const withStructure = Uint8Array.of(0b1010_1010, 0x05, 0, 9, 0b0001_1000, 2, 128, 1, 104, 1, 0b0000_0100, 1, 42);
    expect(vp9.depacketise(withStructure)).toMatchObject({ data: [Uint8Array.of(42)], startsFrame: true });
  });

  it('lets a picture begin with any layer that builds on none below it in the same picture', () => {
    const layer = (byte: number): boolean => vp9.depacketise(Uint8Array.of(0b1010_1000, 5, byte, 0, 42))!.startsFrame;
    expect([layer(0b0000_0000), layer(0b0000_0100), layer(0b0000_0101)]).toEqual([true, true, false]);
  });
});

describe('the colours of a VP9 key frame', () => {
  /** Profile 0, shown, 640 × 360. */
  const keyFrame = (colorSpace: number, isFull = 0) =>
    bytesOf(
      `10000010${(0x498342).toString(2).padStart(24, '0')}${bits(colorSpace, 3)}${isFull}${bits(639, 16)}${bits(359, 16)}`,
    );

  it.each([
    [0, bt601],
    [1, bt601With625Lines],
    [2, bt709],
    [3, bt601],
    [5, null],
  ])('are those that its header names: %i', (colorSpace, color) => {
    expect(vp9.readKeyFrame(keyFrame(colorSpace))).toMatchObject({ width: 640, height: 360, color });
  });

  it('have the range that its header names', () => {
    expect(vp9.readKeyFrame(keyFrame(2, 1))!.color).toEqual({ ...bt709, fullRange: true });
  });
});

describe('the colours of an H.264 key frame', () => {
  /** Baseline, level 3.1, 640 × 368: after profile and level the fields of 7.3.2.1.1 in order. */
  const keyFrame = (usability: string) => {
    const fields = `1 1 011 010 0 ${ue(39)} ${ue(22)} 1 1 0 ${usability} 1`.replaceAll(' ', '');
    const sps = [0x67, 66, 0xe0, 31, ...bytesOf(fields)];
    return Uint8Array.of(0, 0, 0, 1, ...sps, 0, 0, 0, 1, 0x68, 0xce, 0, 0, 0, 1, 0x65, 0x88);
  };
  const described = (matrix: number, isFull = 0) =>
    `1 0 0 1 101 ${isFull} 1 ${bits(1, 8)} ${bits(1, 8)} ${bits(matrix, 8)}`;

  it.each([
    ['none', '0', bt601],
    ['usability without colours', '1 0 0 0', bt601],
    ['BT.709', described(1), bt709],
    ['unspecified', described(2), bt601],
    ['SMPTE-170M', described(6), bt601],
    ['BT.709, full range', described(1, 1), { ...bt709, fullRange: true }],
    ['BT.2020', described(9), null],
    [
      'BT.709 after an aspect ratio of its own and overscan',
      described(1).replace('1 0 0', `1 1 ${bits(255, 8)} ${bits(4, 16)} ${bits(3, 16)} 1 1`),
      bt709,
    ],
  ])('are those that its parameters name: %s', (_, usability, color) => {
    expect(h264.readKeyFrame(keyFrame(usability))).toMatchObject({ width: 640, height: 368, color });
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

function bits(value: number, count: number): string {
  return value.toString(2).padStart(count, '0');
}

/** Exponential-Golomb, unsigned (H.264 9.1). */
function ue(value: number): string {
  const code = (value + 1).toString(2);
  return '0'.repeat(code.length - 1) + code;
}

function bytesOf(text: string): Uint8Array {
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8, '0');
  return Uint8Array.from(padded.match(/.{8}/g)!, (byte) => parseInt(byte, 2));
}
