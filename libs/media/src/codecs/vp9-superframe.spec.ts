import { describe, expect, it } from 'vitest';
import { Vp9Superframes } from './vp9-superframe.ts';

const compressed = [0xaa, 0xbb, 0xcc];
/** Filters, quantizer, no segments; a context number before. */
const rest = `00 ${bits(9, 6)} 000 0 ${bits(60, 8)} 000 0`;

/** A shown key frame of profile 0, error resilient; `tiles`: what the width asks for. */
const keyFrame = (width: number, height: number, tiles: string): Uint8Array =>
  frameOf(`10 00 0 0 1 1 ${bits(0x498342, 24)} 000 0 ${size(width, height)} 0 ${rest} ${tiles} ${bits(3, 16)}`);
/** A shown frame that refreshes slot 1, with a size of its own or that of the first reference, slot 1. */
const interFrame = (ownSize: string | null, tiles: string, shown = '1', intraOnly = ''): Uint8Array =>
  frameOf(
    `10 00 0 1 ${shown} 1 ${intraOnly} ${bits(0b10, 8)} 001 0 000 0 000 0 ` +
      `${ownSize === null ? '1' : `000 ${ownSize}`} 0 1 1 ${rest} ${tiles} ${bits(3, 16)}`,
  );

describe('Vp9Superframes', () => {
  it('leaves pictures of one layer as they are', () => {
    const superframes = new Vp9Superframes();
    const key = keyFrame(640, 360, '0 0');
    expect(superframes.join([key])).toBe(key);
    expect(superframes.shownSize).toEqual({ width: 640, height: 360 });
  });

  it('hides all but the highest layer, and lists their lengths', () => {
    const superframes = new Vp9Superframes();
    const [low, middle, high] = [
      keyFrame(160, 90, '0'),
      interFrame(size(320, 180), '0'),
      interFrame(size(640, 360), '0 0'),
    ];
    const joined = superframes.join([low, middle, high]);
    expect(superframes.shownSize).toEqual({ width: 640, height: 360 });

    const hiddenLow = Uint8Array.from(low);
    hiddenLow[0]! &= ~0b10;
    const hiddenMiddle = interFrame(size(320, 180), '0', '0', '0');
    const lengths = [hiddenLow, hiddenMiddle, high].flatMap(({ length }) => [length, 0, 0, 0]);
    const marker = 0b1101_1010;
    expect([...joined]).toEqual([...hiddenLow, ...hiddenMiddle, ...high, marker, ...lengths, marker]);
  });

  it('reads the header of a frame that takes its size from another', () => {
    const superframes = new Vp9Superframes();
    superframes.join([keyFrame(160, 90, '0'), interFrame(size(640, 360), '0 0')]);
    const joined = superframes.join([interFrame(null, '0 0'), interFrame(size(1280, 720), '0 0')]);
    const hidden = interFrame(null, '0 0', '0', '0');
    expect([...joined.subarray(0, hidden.length)]).toEqual([...hidden]);
  });
});

function size(width: number, height: number): string {
  return bits(width - 1, 16) + bits(height - 1, 16);
}

function bits(value: number, count: number): string {
  return value.toString(2).padStart(count, '0');
}

function frameOf(header: string): Uint8Array {
  const packed = header.replaceAll(' ', '');
  const bytes = packed.padEnd(Math.ceil(packed.length / 8) * 8, '0').match(/.{8}/g)!;
  return Uint8Array.from([...bytes.map((byte) => parseInt(byte, 2)), ...compressed]);
}
