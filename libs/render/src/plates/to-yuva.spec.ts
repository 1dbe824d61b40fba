import { expect, it } from 'vitest';
import { writePlate, yuvaSize } from './to-yuva.ts';

const size = { width: 2, height: 2 };

/** The plate of four pixels; `rgb` is a colour each. */
function plateOf(rgb: readonly (readonly [number, number, number])[], weight?: readonly number[]): number[] {
  const out = new Uint8Array(yuvaSize(2, 2));
  writePlate({ ...size, data: Uint8Array.from(rgb.flat()) }, weight && Uint8Array.from(weight), out);
  return [...out];
}

it('turns one flat colour into the same values as nearly that colour', () => {
  const flat = plateOf(Array.from({ length: 4 }, () => [200, 30, 90] as const));
  const nearly = plateOf([
    [200, 30, 90],
    [200, 30, 90],
    [200, 30, 90],
    [200, 30, 91],
  ]);
  expect(flat).toEqual([77, 77, 77, 77, 137, 200, 255, 255, 255, 255]);
  expect(nearly.slice(0, 3)).toEqual(flat.slice(0, 3));
  expect(nearly.slice(6)).toEqual(flat.slice(6));
});

it('is transparent black where pictures show alone, and only there', () => {
  const black = Array.from({ length: 4 }, () => [0, 0, 0] as const);
  expect(plateOf(black, [255, 255, 255, 255])).toEqual([16, 16, 16, 16, 128, 128, 0, 0, 0, 0]);
  expect(plateOf(black, [255, 255, 255, 55])).toEqual([16, 16, 16, 16, 128, 128, 0, 0, 0, 200]);
});

it('divides a colour that pictures shine through by its own share', () => {
  const half = plateOf(
    Array.from({ length: 4 }, () => [100, 100, 100] as const),
    [127, 127, 127, 127],
  );
  const whole = plateOf(Array.from({ length: 4 }, () => [199, 199, 199] as const));
  expect(Math.abs(half[0]! - whole[0]!)).toBeLessThanOrEqual(1);
  expect(half.slice(6)).toEqual([128, 128, 128, 128]);
});
