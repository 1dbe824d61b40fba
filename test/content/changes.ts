import type { Film } from './judge.ts';
import { readFrames, type Box } from './read-video.ts';

/**
 * The instants at which a region of a film changes, in milliseconds: at least `pixels` of them by a visible step against
 * the frame before. Encoding alone changes pixels too, but by less.
 */
export async function changesOf(film: Film, region: Box, pixels = 12): Promise<number[]> {
  const changes: number[] = [];
  let before: Buffer | undefined;
  let index = 0;
  const { width, height } = film;
  for await (const { data } of readFrames(film.path, { width, height, crop: region, pixelFormat: 'gray' })) {
    let changed = 0;
    for (let at = 0; before && at < data.length; at++) if (Math.abs(data[at]! - before[at]!) > 24) changed++;
    if (changed >= pixels) changes.push((index * 1000) / film.fps);
    before = Buffer.from(data);
    index++;
  }
  return changes;
}

/** How far the nearest of `changes` is from `atMs`, in frames; Infinity when there is none. */
export function framesAway(changes: readonly number[], atMs: number, fps: number): number {
  return Math.min(Infinity, ...changes.map((change) => Math.abs(change - atMs))) / (1000 / fps);
}
