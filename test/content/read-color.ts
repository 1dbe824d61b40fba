import type { Picture } from './read-video.ts';

export type Rgb = readonly [red: number, green: number, blue: number];

/** Colours that cover less of a picture than this are edges, text and noise. */
const leastShare = 0.01;

/** Of the flat colours in a picture (rgb24) the one nearest to `wanted`. @throws Error when the picture has no flat area */
export function nearestFlatColor({ data }: Picture, wanted: Rgb): Rgb {
  const counts = new Map<number, number>();
  for (let at = 0; at < data.length; at += 3) {
    const color = data.readUIntBE(at, 3);
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  const flat = [...counts]
    .filter(([, count]) => count >= (leastShare * data.length) / 3)
    .map(([color]) => rgbOf(color));
  const [nearest] = flat.sort((a, b) => worstDistance(a, wanted) - worstDistance(b, wanted));
  if (!nearest) throw new Error('no colour covers a hundredth of the picture');
  return nearest;
}

/** How far two colours are apart in the channel in which they are furthest apart, 0 to 255. */
export function worstDistance(a: Rgb, b: Rgb): number {
  return Math.max(...a.map((level, channel) => Math.abs(level - b[channel]!)));
}

function rgbOf(color: number): Rgb {
  return [color >> 16, (color >> 8) & 0xff, color & 0xff];
}
