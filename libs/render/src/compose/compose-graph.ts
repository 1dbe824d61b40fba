import { coverFilters, type PictureSize } from './changing-shape.ts';
import type { PlacedTile } from '../plates/placed-tile.ts';
import { timestampSlack } from './track-file.ts';
import type { ColorMatrix } from './track-file.ts';

/** One tile's picture as an input of the composition. */
export type TileInput = {
  tile: PlacedTile;
  /** Input number of the track's file. */
  input: number;
  /** Input number of the alpha over earlier tiles. */
  maskInput?: number;
  /** The file's time, in seconds, that is shown in the segment's first frame. */
  zeroSeconds: number;
  /** Decoded pictures before this time are dropped. */
  fromSeconds: number;
  /** The segment's first frame shows a picture already. */
  isThereAtOnce: boolean;
  /** The file has another picture after the first one. */
  hasMore: boolean;
  /** The colour matrix that the picture comes in. */
  matrix: ColorMatrix;
  /** Of the pictures, where they have more than one. */
  sizes?: readonly PictureSize[];
};

/**
 * The filter graph of one segment: pictures painted in order on black, under the plate. Output label `[out]`.
 *
 * Pictures change when the stream has one at or before the frame's instant, and stay until the next or for ever: a gap holds its
 * last picture. Those that lie wholly on the stage and on no other are put there in one go (`xstack`), which takes an eighth off
 * the whole encoding; the others are overlaid after them, which comes to the same since they are the later ones in every pair.
 */
export function composeGraph(options: {
  width: number;
  height: number;
  fps: number;
  frames: number;
  tiles: readonly TileInput[];
  platesInput: number;
}): string {
  const { width, height, fps, frames, tiles, platesInput } = options;
  const seconds = (frames + 1) / fps;
  const stacked = tiles.filter((each) => isStackable(each, options));
  const overlaid = tiles.filter((each) => !stacked.includes(each));
  const steps = [`color=c=black:s=${width}x${height}:r=${fps}:d=${seconds.toFixed(6)},format=yuv420p[black]`];
  for (const [index, each] of stacked.entries()) {
    steps.push(...tileSteps(each, `stacked${index}`, [`fps=${fps}:round=up:start_time=0`]));
  }
  const layout = stacked.map(({ tile: { box } }) => `|${box.x0}_${box.y0}`).join('');
  const labels = stacked.map((_, index) => `[stacked${index}]`).join('');
  const stack = stacked.length === 0 ? '' : `${labels}xstack=inputs=${stacked.length + 1}:layout=0_0${layout},`;
  steps.push(`[black]${stack}settb=AVTB[stage0]`);
  for (const [index, each] of overlaid.entries()) {
    steps.push(...tileSteps(each, `tile${index}`));
    const { box } = each.tile;
    steps.push(
      `[stage${index}][tile${index}]overlay=x=${box.x0}:y=${box.y0}:format=yuv420:eval=init[stage${index + 1}]`,
    );
  }
  steps.push(`[${platesInput}:v]settb=AVTB[plates]`);
  steps.push(
    `[stage${overlaid.length}][plates]overlay=x=0:y=0:format=yuv420:alpha=straight:eval=init,format=yuv420p,` +
      `settb=1/${fps},setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709[out]`,
  );
  return steps.join(';');
}

/**
 * What `xstack` can place: it has no transparency, shows nothing before every input has begun, and knows no place off the stage. And
 * `fps` before it passes nothing on of a stream that ends with a single picture from before the segment.
 */
function isStackable(each: TileInput, stage: { width: number; height: number }): boolean {
  const { x0, y0, x1, y1 } = each.tile.box;
  const isInside = x0 >= 0 && y0 >= 0 && x1 <= stage.width && y1 <= stage.height;
  return isInside && each.isThereAtOnce && each.hasMore && each.maskInput === undefined;
}

function tileSteps(each: TileInput, label: string, more: readonly string[] = []): string[] {
  const { tile, input, maskInput, zeroSeconds, fromSeconds, matrix, sizes } = each;
  const { box, fit, mirrored } = tile;
  const width = box.x1 - box.x0;
  const height = box.y1 - box.y0;
  const fitted =
    fit === 'cover'
      ? coverFilters({ width, height }, sizes, ':flags=bilinear')
      : [
          `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bilinear`,
          `pad=${width}:${height}:floor((ow-iw)/4)*2:floor((oh-ih)/4)*2:black:eval=frame`,
        ];
  const filters = [
    `trim=start=${(fromSeconds - timestampSlack / 2).toFixed(6)}`,
    'settb=AVTB',
    `setpts=PTS-(${(zeroSeconds + timestampSlack).toFixed(6)})/TB`,
    'format=yuv420p',
    ...fitted,
    'setsar=1',
    ...(mirrored ? ['hflip'] : []),
    ...(matrix === 'bt601' ? ['colorspace=iall=bt601-6-625:irange=tv:all=bt709:range=tv:fast=1'] : []),
    ...more,
  ].join(',');
  if (maskInput === undefined) return [`[${input}:v]${filters}[${label}]`];
  return [
    `[${input}:v]${filters}[${label}plain]`,
    `[${maskInput}:v]settb=AVTB[${label}mask]`,
    `[${label}plain][${label}mask]alphamerge[${label}]`,
  ];
}
