import { inflate } from 'node:zlib';
import { promisify } from 'node:util';

const inflateAsync = promisify(inflate);

/** A picture of 3 bytes a pixel: red, green, blue. */
export type RgbPicture = { width: number; height: number; data: Uint8Array };

/**
 * Decodes the PNGs that Chromium's screenshots are: 8 bits a channel, RGB or RGBA (alpha is dropped), not interlaced.
 *
 * @param spare a picture that is needed no more: its memory is used again if it has the same size
 * @throws Error for other PNGs.
 */
export async function decodePng(png: Buffer, spare?: RgbPicture): Promise<RgbPicture> {
  const { width, height, channels, parts } = readChunks(png);
  const stride = width * channels;
  const rawSize = (stride + 1) * height;
  // In one piece: thousands of small ones keep the garbage collector busier than the pictures.
  const raw: Uint8Array = await inflateAsync(Buffer.concat(parts), { chunkSize: rawSize + 64 });
  if (raw.length < rawSize) throw new Error('PNG is cut short');
  const isSpare = channels === 3 && spare?.data.buffer.byteLength === stride * height;
  const rows = isSpare ? new Uint8Array(spare.data.buffer) : new Uint8Array(stride * height);
  const zeros = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const from = y * (stride + 1);
    // Chromium tells every row by its difference to the one above, and most of a page's rows are the same as that.
    if (raw[from] === 2 && y > 0 && Buffer.compare(raw.subarray(from + 1, from + 1 + stride), zeros) === 0) {
      rows.copyWithin(y * stride, (y - 1) * stride, y * stride);
      continue;
    }
    unfilter(raw[from]!, raw.subarray(from + 1, from + 1 + stride), rows, y * stride, stride, channels);
  }
  return { width, height, data: channels === 3 ? rows : dropAlpha(rows) };
}

function readChunks(png: Buffer): { width: number; height: number; channels: number; parts: Buffer[] } {
  const parts: Buffer[] = [];
  let header: Buffer | undefined;
  for (let at = 8; at + 12 <= png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') header = data;
    if (type === 'IDAT') parts.push(data);
    at += 12 + length;
  }
  const channels = { 2: 3, 6: 4 }[header?.[9] ?? -1];
  if (!header || header[8] !== 8 || channels === undefined || header[12] !== 0) {
    throw new Error('expected a PNG of 8-bit RGB or RGBA');
  }
  return { width: header.readUInt32BE(0), height: header.readUInt32BE(4), channels, parts };
}

function unfilter(
  filter: number,
  line: Uint8Array,
  out: Uint8Array,
  at: number,
  stride: number,
  channels: number,
): void {
  const above = at - stride;
  switch (filter) {
    case 0:
      out.set(line, at);
      return;
    case 1:
      for (let i = 0; i < stride; i++) out[at + i] = line[i]! + (i < channels ? 0 : out[at + i - channels]!);
      return;
    case 2:
      if (at === 0) out.set(line, at);
      else for (let i = 0; i < stride; i++) out[at + i] = line[i]! + out[above + i]!;
      return;
    case 3:
      for (let i = 0; i < stride; i++) {
        const left = i < channels ? 0 : out[at + i - channels]!;
        const up = at === 0 ? 0 : out[above + i]!;
        out[at + i] = line[i]! + ((left + up) >> 1);
      }
      return;
    case 4:
      for (let i = 0; i < stride; i++) {
        const left = i < channels ? 0 : out[at + i - channels]!;
        const up = at === 0 ? 0 : out[above + i]!;
        const corner = i < channels || at === 0 ? 0 : out[above + i - channels]!;
        out[at + i] = line[i]! + paeth(left, up, corner);
      }
      return;
    default:
      throw new Error(`PNG filter ${filter} does not exist`);
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const toLeft = Math.abs(guess - left);
  const toUp = Math.abs(guess - up);
  const toCorner = Math.abs(guess - corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

function dropAlpha(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from]!;
    rgb[to + 1] = rgba[from + 1]!;
    rgb[to + 2] = rgba[from + 2]!;
  }
  return rgb;
}
