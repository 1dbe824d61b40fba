export type PictureSize = { width: number; height: number };

/** Rounding to even sizes may take a picture that keeps its shape so far over its box, in pixels. */
const roundingPixels = 4;

/**
 * Filters that make pictures cover a box, the middle of each showing.
 *
 * `crop` looks for the middle once, of the first picture. Where later ones have another shape, all are laid on the middle of a
 * canvas that the widest and the tallest fit on, and the crop is the canvas's middle.
 *
 * @param sizes of the pictures, where they have more than one
 * @param scaling more options of the scaler
 */
export function coverFilters(box: PictureSize, sizes: readonly PictureSize[] = [], scaling = ''): string[] {
  const { width, height } = box;
  const scale = `scale=${width}:${height}:force_original_aspect_ratio=increase:force_divisible_by=2${scaling}`;
  const scaled = sizes.map((size) => {
    const factor = Math.max(width / size.width, height / size.height);
    return { width: size.width * factor, height: size.height * factor };
  });
  const widest = Math.max(width, ...scaled.map((size) => size.width));
  const tallest = Math.max(height, ...scaled.map((size) => size.height));
  const isOneShape = scaled.every(
    (size) =>
      Math.abs(size.width - scaled[0]!.width) <= roundingPixels &&
      Math.abs(size.height - scaled[0]!.height) <= roundingPixels,
  );
  if (isOneShape) return [scale, `crop=${width}:${height}`];
  const canvas = { width: evenAbove(widest), height: evenAbove(tallest) };
  return [
    scale,
    `pad=${canvas.width}:${canvas.height}:floor((ow-iw)/4)*2:floor((oh-ih)/4)*2:black:eval=frame`,
    `crop=${width}:${height}:${evenBelow((canvas.width - width) / 2)}:${evenBelow((canvas.height - height) / 2)}`,
  ];
}

/** Room for the rounding, too. */
function evenAbove(pixels: number): number {
  return Math.ceil((pixels + roundingPixels) / 2) * 2;
}

function evenBelow(pixels: number): number {
  return Math.floor(pixels / 2) * 2;
}
