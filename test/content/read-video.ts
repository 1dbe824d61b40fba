import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { flashArea, readStrip, strip, type Voice } from './signal.ts';

export type Box = { x: number; y: number; width: number; height: number };
export type Picture = { width: number; height: number; data: Buffer };

type ReadOptions = {
  width: number;
  height: number;
  pixelFormat: 'gray' | 'rgb24';
  /** Cut out of the picture before it is handed over. */
  crop?: Box;
  /** Seconds into the file. */
  fromSeconds?: number;
  frames?: number;
};

/** Decodes a file of constant frame rate, frame by frame. */
export async function* readFrames(path: string, options: ReadOptions): AsyncGenerator<Picture> {
  const { crop, pixelFormat, frames, fromSeconds } = options;
  const { width, height } = crop ?? options;
  const ffmpeg = spawn(
    process.env.RUSHES_FFMPEG ?? 'ffmpeg',
    [
      ...['-v', 'error', ...(fromSeconds === undefined ? [] : ['-ss', String(fromSeconds)]), '-i', path],
      ...(crop ? ['-vf', `crop=${crop.width}:${crop.height}:${crop.x}:${crop.y}`] : []),
      ...(frames === undefined ? [] : ['-frames:v', String(frames)]),
      ...['-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', pixelFormat, 'pipe:1'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let errors = '';
  ffmpeg.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const ended = once(ffmpeg, 'close');
  const size = width * height * (pixelFormat === 'gray' ? 1 : 3);
  let parts: Buffer[] = [];
  let held = 0;
  try {
    for await (const part of ffmpeg.stdout as AsyncIterable<Buffer>) {
      parts.push(part);
      held += part.length;
      if (held < size) continue;
      let all = Buffer.concat(parts);
      for (; all.length >= size; all = all.subarray(size)) yield { width, height, data: all.subarray(0, size) };
      parts = [all];
      held = all.length;
    }
    const [code] = (await ended) as [number];
    if (code !== 0) throw new Error(`ffmpeg could not read ${path}: ${errors}`);
  } finally {
    ffmpeg.kill('SIGKILL');
  }
}

/**
 * The rectangle that a voice's colour fills in a mixed picture (rgb24): its tile. Undefined when the colour is not there.
 * Rows and columns count when the colour covers a third of what it covers in the fullest one.
 */
export function findTile(picture: Picture, { rgb }: Voice): Box | undefined {
  const { width, height, data } = picture;
  const rows = new Array<number>(height).fill(0);
  const columns = new Array<number>(width).fill(0);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const offset = (y * width + x) * 3;
      const distance =
        Math.abs(data[offset]! - rgb[0]) + Math.abs(data[offset + 1]! - rgb[1]) + Math.abs(data[offset + 2]! - rgb[2]);
      if (distance > 60) continue;
      rows[y]!++;
      columns[x]!++;
    }
  }
  const vertical = extent(rows);
  const horizontal = extent(columns);
  if (!vertical || !horizontal) return undefined;
  const box = {
    x: horizontal.from,
    y: vertical.from,
    width: horizontal.to - horizontal.from + 1,
    height: vertical.to - vertical.from + 1,
  };
  return box.width >= 40 && box.height >= 20 ? box : undefined;
}

function extent(counts: readonly number[]): { from: number; to: number } | undefined {
  const most = Math.max(...counts);
  if (most < 20) return undefined;
  const isFull = (count: number) => count >= most / 3;
  return { from: counts.findIndex(isFull), to: counts.findLastIndex(isFull) };
}

/** The frame number burned into a tile, which lies at `box` of the picture. */
export function readFrameNumber(picture: Picture, box: Box = wholeOf(picture)): number | undefined {
  const y = box.y + Math.round(((strip.top + strip.bottom) / 2) * box.height);
  const cellWidth = box.width / strip.cells;
  const brightness = Array.from({ length: strip.cells }, (_, cell) => {
    const x = box.x + Math.floor((cell + 0.5) * cellWidth);
    return mean(picture, { x: x - 1, y: y - 1, width: 3, height: 3 });
  });
  return readStrip(brightness);
}

/** Brightness (0 to 255) of the flash area of a tile, which lies at `box` of the picture. */
export function readFlash(picture: Picture, box: Box = wholeOf(picture)): number {
  const top = Math.round((flashArea.top + 0.05) * box.height);
  const bottom = Math.round((flashArea.bottom - 0.05) * box.height);
  return mean(picture, {
    x: box.x + Math.round(box.width * 0.2),
    y: box.y + top,
    width: Math.round(box.width * 0.6),
    height: Math.max(1, bottom - top),
  });
}

function wholeOf({ width, height }: Picture): Box {
  return { x: 0, y: 0, width, height };
}

/** Of grey pictures the brightness, of coloured ones the mean of the three colours. */
function mean(picture: Picture, box: Box): number {
  const { width, data } = picture;
  const channels = data.length / (width * picture.height);
  let sum = 0;
  for (let y = box.y; y < box.y + box.height; y++) {
    const row = y * width;
    for (let at = (row + box.x) * channels; at < (row + box.x + box.width) * channels; at++) sum += data[at] ?? 0;
  }
  return sum / (box.width * box.height * channels);
}

/** What a tile shows in one frame; `box` is where it was found. */
export type Shown = { atMs: number; frameNumber: number | undefined; flash: number; box: Box };

/**
 * What the voices' tiles show over a film's length, frame by frame; frames in which a voice has no tile are left out.
 * Tiles are looked for again every tenth frame, and whenever no number can be read where the tile was.
 */
export async function readTiles(
  path: string,
  options: { width: number; height: number; fps: number; voices: readonly Voice[] },
): Promise<Shown[][]> {
  const { width, height, fps, voices } = options;
  const shown: Shown[][] = voices.map(() => []);
  const boxes = new Array<Box | undefined>(voices.length).fill(undefined);
  let index = 0;
  for await (const picture of readFrames(path, { width, height, pixelFormat: 'rgb24' })) {
    for (const [which, voice] of voices.entries()) {
      let box = boxes[which];
      let frameNumber = box && readFrameNumber(picture, box);
      if (frameNumber === undefined || index % 10 === 0) {
        boxes[which] = box = findTile(picture, voice);
        frameNumber = box && readFrameNumber(picture, box);
      }
      if (box) shown[which]!.push({ atMs: (index * 1000) / fps, frameNumber, flash: readFlash(picture, box), box });
    }
    index++;
  }
  return shown;
}

/** The instants at which the flash begins, in milliseconds of the file. */
export function flashStarts(shown: readonly { atMs: number; flash: number }[]): number[] {
  const values = shown.map(({ flash }) => flash).sort((a, b) => a - b);
  const dark = values[Math.floor(values.length / 2)] ?? 0;
  const bright = values.at(-1) ?? 0;
  if (bright - dark < 60) return [];
  const isLit = (index: number) => (shown[index]?.flash ?? 0) > (dark + bright) / 2;
  return shown.filter((_, index) => index > 0 && isLit(index) && !isLit(index - 1)).map(({ atMs }) => atMs);
}
