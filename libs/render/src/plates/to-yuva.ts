import type { RgbPicture } from './decode-png.ts';

/** Planes of 8-bit `yuva420p` one after the other: Y, U, V (half resolution), A. BT.709, limited range, straight alpha. */
export type YuvaPicture = Uint8Array;

export function yuvaSize(width: number, height: number): number {
  return (width * height * 5) / 2;
}

// BT.709 limited range in 16-bit fixed point; the bias holds offset and rounding.
const half = 1 << 15;
const lumaBias = (16 << 16) + half;
const chromaBias = (128 << 16) + half;

/**
 * Turns rows `fromRow` up to `toRow` (even, excluded) of the black shot into the plate: where pictures weigh `w`, the plate's
 * alpha is `255 − w` and its colour the shot's divided by it. Chroma is averaged by alpha, so that a hidden pixel's
 * colour does not bleed into its neighbour's.
 *
 * @param weight sum of the tiles' weights per pixel; undefined where there are no tiles at all
 */
export function writePlate(
  { width, height, data }: RgbPicture,
  weight: Uint8Array | undefined,
  out: YuvaPicture,
  rows: { fromRow: number; toRow: number } = { fromRow: 0, toRow: height },
): void {
  const chromaWidth = width >> 1;
  const uAt = width * height;
  const vAt = uAt + chromaWidth * (height >> 1);
  const aAt = vAt + chromaWidth * (height >> 1);
  const offsets = [0, 1, width, width + 1];
  for (let y = rows.fromRow; y < rows.toRow; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const first = y * width + x;
      const below = first + width;
      const chroma = (y >> 1) * chromaWidth + (x >> 1);
      // Most of a stage is either nothing but picture or one flat colour: those two need no look at each pixel.
      const all = weight ? weight[first]! & weight[first + 1]! & weight[below]! & weight[below + 1]! : 0;
      const any = weight ? weight[first]! | weight[first + 1]! | weight[below]! | weight[below + 1]! : 0;
      if (all === 255) {
        out[first] = out[first + 1] = out[below] = out[below + 1] = 16;
        out[uAt + chroma] = out[vAt + chroma] = 128;
        out[aAt + first] = out[aAt + first + 1] = out[aAt + below] = out[aAt + below + 1] = 0;
        continue;
      }
      if (any === 0 && isFlat(data, first * 3, below * 3)) {
        const r = data[first * 3]!;
        const g = data[first * 3 + 1]!;
        const b = data[first * 3 + 2]!;
        const luma = (r * 11966 + g * 40254 + b * 4064 + lumaBias) >> 16;
        out[first] = out[first + 1] = out[below] = out[below + 1] = luma;
        out[uAt + chroma] = (r * -6596 + g * -22189 + b * 28785 + chromaBias) >> 16;
        out[vAt + chroma] = (r * 28785 + g * -26146 + b * -2639 + chromaBias) >> 16;
        out[aAt + first] = out[aAt + first + 1] = out[aAt + below] = out[aAt + below + 1] = 255;
        continue;
      }
      let red = 0;
      let green = 0;
      let blue = 0;
      let alphaSum = 0;
      for (let each = 0; each < 4; each++) {
        const at = first + offsets[each]!;
        const alpha = weight ? 255 - weight[at]! : 255;
        const from = at * 3;
        let r = data[from]!;
        let g = data[from + 1]!;
        let b = data[from + 2]!;
        // The shot is colour × alpha already: its sum is the alpha-weighted one that chroma needs.
        red += r;
        green += g;
        blue += b;
        alphaSum += alpha;
        if (alpha !== 255) {
          if (alpha === 0) r = g = b = 0;
          else {
            r = Math.min(255, (r * 255) / alpha);
            g = Math.min(255, (g * 255) / alpha);
            b = Math.min(255, (b * 255) / alpha);
          }
        }
        out[at] = (r * 11966 + g * 40254 + b * 4064 + lumaBias) >> 16;
        out[aAt + at] = alpha;
      }
      if (alphaSum === 0) {
        out[uAt + chroma] = out[vAt + chroma] = 128;
        continue;
      }
      const scale = 255 / alphaSum;
      red = Math.min(255, red * scale);
      green = Math.min(255, green * scale);
      blue = Math.min(255, blue * scale);
      out[uAt + chroma] = (red * -6596 + green * -22189 + blue * 28785 + chromaBias) >> 16;
      out[vAt + chroma] = (red * 28785 + green * -26146 + blue * -2639 + chromaBias) >> 16;
    }
  }
}

/** Whether two pixels from `above` on and two from `below` on have one colour. */
function isFlat(data: Uint8Array, above: number, below: number): boolean {
  for (let channel = 0; channel < 3; channel++) {
    const value = data[above + channel]!;
    if (value !== data[above + 3 + channel]! || value !== data[below + channel]!) return false;
    if (value !== data[below + 3 + channel]!) return false;
  }
  return true;
}
