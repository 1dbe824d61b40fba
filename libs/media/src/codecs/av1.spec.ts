import { describe, expect, it } from 'vitest';
import { av1 } from './av1.ts';
import { bt601, bt709 } from './picture-color.ts';
import type { Fragment } from './video-codec.ts';

/** Headers without size: sequence header, metadata, whole frame, tile group, temporal delimiter. */
const [sequence, metadata, frame, tiles, delimiter] = [0x08, 0x28, 0x30, 0x20, 0x10];
/** First byte of a frame's payload: shown; of type KEY_FRAME or INTER_FRAME. */
const [keyFrame, interFrame] = [0x10, 0x30];

const take = (...payload: number[]): Fragment => av1.depacketise(Uint8Array.from(payload))!;
const assembled = (...fragments: Fragment[]): number[] | undefined => {
  const bytes = av1.assemble(fragments);
  return bytes && [...bytes];
};

describe('AV1', () => {
  it('gives every OBU its size, however packets told it', () => {
    const expected = [metadata | 2, 2, 7, 7, frame | 2, 3, keyFrame, 1, 2];
    const untold = take(0x20, 3, metadata, 7, 7, frame, keyFrame, 1, 2);
    const told = take(0x00, 3, metadata, 7, 7, 4, frame, keyFrame, 1, 2);
    const sizedAlready = take(0x20, 4, metadata | 2, 2, 7, 7, frame, keyFrame, 1, 2);
    for (const fragment of [untold, told, sizedAlready]) expect(assembled(fragment)).toEqual(expected);
  });

  it('keeps the layers of an OBU, and writes long sizes', () => {
    const content = Array.from({ length: 300 }, (_, n) => n & 0xff);
    expect(assembled(take(0x10, frame | 4, 0x48, ...content))).toEqual([frame | 6, 0x48, 0xac, 0x02, ...content]);
  });

  it('joins an OBU that goes over several packets', () => {
    const first = take(0x60, 3, metadata, 7, 7, frame, keyFrame);
    const middle = take(0xd0, 1, 2);
    const last = take(0xa0, 1, 3, tiles, 4);
    expect(first).toMatchObject({ startsFrame: true, joins: { before: false, after: true } });
    expect([middle.startsFrame, last.startsFrame]).toEqual([false, false]);
    const expected = [metadata | 2, 2, 7, 7, frame | 2, 4, keyFrame, 1, 2, 3, tiles | 2, 1, 4];
    expect(assembled(first, middle, last)).toEqual(expected);
  });

  it('gives no frame when a beginning, a middle or an end is missing', () => {
    const [first, whole, last] = [take(0x50, frame, keyFrame), take(0x10, frame, interFrame), take(0x90, 1)];
    expect(assembled(first, whole)).toBeUndefined();
    expect(assembled(last)).toBeUndefined();
    expect(assembled(whole, last)).toBeUndefined();
    expect(assembled(first)).toBeUndefined();
  });

  it('leaves out temporal delimiters, tile lists and padding', () => {
    const fragment = take(0x00, 1, delimiter, 2, 0x40, 9, 2, frame, interFrame, 2, 0x78, 0);
    expect(assembled(fragment)).toEqual([frame | 2, 1, interFrame]);
    expect(assembled(take(0x10, delimiter))).toBeUndefined();
  });

  it('refuses payloads whose lengths are false', () => {
    for (const payload of [[], [0x10], [0x00, 9, frame], [0x20, 1, frame], [0x00, 0x80], [0x30, 1, frame, 1, frame]]) {
      expect(av1.depacketise(Uint8Array.from(payload))).toBeUndefined();
    }
  });

  it('knows the first packet of a key frame, and of any frame', () => {
    const key = take(0x28, 3, sequence, 7, 7, frame, keyFrame);
    expect([key.startsFrame, av1.beginsKeyFrame(key)]).toEqual([true, true]);
    const inter = take(0x10, frame, interFrame);
    expect([inter.startsFrame, av1.beginsKeyFrame(inter)]).toEqual([true, false]);
    const later = take(0x10, tiles, 1);
    expect([later.startsFrame, av1.beginsKeyFrame(later)]).toEqual([false, false]);
  });
});

describe('an AV1 key frame', () => {
  /** Main profile, level 3.0, 640 × 360, the tools of a real-time encoder, 4:2:0. */
  const header = (color: string): number[] =>
    bytesOf(
      // Profile, still, reduced, timing, display delay, operating points, their layers, level.
      `000 0 0 0 0 00000 ${bits(0, 12)} ${bits(4, 5)} ` +
        `${bits(9, 4)} ${bits(8, 4)} ${bits(639, 10)} ${bits(359, 9)} ` +
        // Frame numbers, superblocks and filters, four tools, order hint with two of its own, screen content, its motion vectors.
        `0 000 0000 1 00 1 1 ${bits(6, 3)} 000 ${color} 1`,
    );
  const unit = (color: string, firstByte = keyFrame): Uint8Array => {
    const payload = header(color);
    return Uint8Array.of(sequence | 2, payload.length, ...payload, frame | 2, 2, firstByte, 0);
  };
  const sent = (color: string): number[] => [header(color).length + 1, sequence, ...header(color)];
  const described = (matrix: number, range = 0): string =>
    `0 0 1 ${bits(1, 8)} ${bits(1, 8)} ${bits(matrix, 8)} ${range} 01 0`;

  it('says its size and codec', () => {
    expect(av1.readKeyFrame(unit('0 0 0 0 00 0'))).toEqual({
      ...{ width: 640, height: 360, color: bt601 },
      codecString: 'av01.0.04M.08.0.110.02.02.02.0',
    });
  });

  it.each([
    ['BT.709', described(1), bt709],
    ['BT.709, full range', described(1, 1), { ...bt709, fullRange: true }],
    ['BT.2020', described(9), null],
  ])('says its colours: %s', (_, text, color) => {
    expect(av1.readKeyFrame(unit(text))).toMatchObject({ width: 640, color });
  });

  it('names its colours in the file when the sender named none, and keeps the rest', () => {
    const bytes = av1.assemble([take(0x20, ...sent('0 0 0 0 00 0'), frame, keyFrame)])!;
    expect(av1.readKeyFrame(bytes)).toEqual({
      ...{ width: 640, height: 360, color: bt601 },
      codecString: 'av01.0.04M.08.0.110.06.06.06.0',
    });
    const written = header(`0 0 1 ${bits(6, 8)} ${bits(6, 8)} ${bits(6, 8)} 0 00 0`);
    expect([...bytes.subarray(2, 2 + written.length)]).toEqual(written);
    const named = av1.assemble([take(0x20, ...sent(described(1)), frame, keyFrame)])!;
    expect(av1.readKeyFrame(named)).toMatchObject({ color: bt709 });
  });

  it('passes a sequence header that ends before its colours as it is', () => {
    expect(assembled(take(0x20, 2, sequence, 0, frame, keyFrame))).toEqual([
      sequence | 2,
      1,
      0,
      frame | 2,
      1,
      keyFrame,
    ]);
  });

  it('is none without its sequence header, when it builds on others, or repeats an earlier frame', () => {
    expect(av1.readKeyFrame(Uint8Array.of(frame | 2, 1, keyFrame))).toBeUndefined();
    expect(av1.readKeyFrame(unit('0 0 0 0 00 0', interFrame))).toBeUndefined();
    expect(av1.readKeyFrame(unit('0 0 0 0 00 0', 0x80))).toBeUndefined();
    expect(av1.readKeyFrame(Uint8Array.of(frame | 2))).toBeUndefined();
  });
});

function bits(value: number, count: number): string {
  return value.toString(2).padStart(count, '0');
}

function bytesOf(text: string): number[] {
  const packed = text.replaceAll(' ', '');
  return packed
    .padEnd(Math.ceil(packed.length / 8) * 8, '0')
    .match(/.{8}/g)!
    .map((byte) => parseInt(byte, 2));
}
