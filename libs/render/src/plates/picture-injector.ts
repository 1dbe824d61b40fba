import { PassThrough } from 'node:stream';
import { runFfmpegArgs } from '@rushes/media';
import { coverFilters } from '../compose/changing-shape.ts';
import { fileSeconds, pictureAt, readPictures, timestampSlack } from '../compose/track-file.ts';
import type { TrackFile } from '../compose/track-file.ts';
import { frameMs } from '../plan/frame-grid.ts';
import type { FrameGrid } from '../plan/frame-grid.ts';
import type { PlacedTile } from './placed-tile.ts';
import type { PlateMaker, StagePicture } from './plate-maker.ts';
import type { StagePage } from './stage-page.ts';
import { writePlate, yuvaSize } from './to-yuva.ts';

/**
 * The slow road, for pages that plates cannot show: the tracks' pictures are put into the page, frame by frame, and the browser
 * paints them itself.
 */
export class PictureInjector {
  private readonly readers = new Map<string, PictureReader>();
  private readonly plate: Uint8Array;

  constructor(
    private readonly page: StagePage,
    private readonly stage: { width: number; height: number },
    private readonly grid: FrameGrid,
    private readonly tracks: ReadonlyMap<string, TrackFile>,
    private readonly signal: AbortSignal,
  ) {
    this.plate = new Uint8Array(yuvaSize(stage.width, stage.height));
  }

  /** The stage at `frame` with its pictures in it, as an opaque plate without tiles. The stage stands at that instant already. */
  async paint(frame: number, maker: PlateMaker, drawMs: number): Promise<StagePicture> {
    const urls: Record<string, string> = {};
    for (const tile of maker.placedTiles) {
      const picture = await this.pictureOf(tile, frame);
      if (!picture) continue;
      const path = `/picture/${tile.trackId}/${frame}.bmp`;
      this.page.site.put(path, { status: 200, contentType: 'image/bmp', body: picture });
      urls[tile.trackId] = path;
    }
    await this.page.fill({});
    await this.page.inject(urls);
    await this.page.draw(drawMs);
    const shot = await this.page.shoot();
    for (const path of Object.values(urls)) this.page.site.put(path, undefined);
    await this.page.inject(Object.fromEntries(Object.keys(urls).map((trackId) => [trackId, ''])));
    await maker.refill();
    writePlate(shot, undefined, this.plate);
    return { tiles: [], plate: this.plate, masks: [], obstacles: [] };
  }

  /** Ends the decoders. */
  async stop(): Promise<void> {
    for (const reader of this.readers.values()) await reader.stop();
    this.readers.clear();
  }

  private async pictureOf(tile: PlacedTile, frame: number): Promise<Buffer | undefined> {
    const file = this.tracks.get(tile.trackId);
    if (!file) return undefined;
    let reader = this.readers.get(tile.trackId);
    if (!reader || !reader.canReach(frame)) {
      await reader?.stop();
      reader = await PictureReader.open(file, tile, this.grid, frame, this.signal);
      this.readers.set(tile.trackId, reader);
    }
    return reader.at(frame);
  }
}

/** Decodes one track on the frame grid into BMP pictures. */
class PictureReader {
  private readonly output = new PassThrough({ highWaterMark: 1 << 20 });
  private readonly abort = new AbortController();
  private readonly ended: Promise<unknown>;
  private readonly pictures: AsyncIterator<Buffer>;
  private nextFrame: number;
  private last: Buffer | undefined;

  private constructor(
    args: readonly string[],
    private readonly size: { width: number; height: number },
    firstFrame: number,
    signal: AbortSignal,
  ) {
    this.nextFrame = firstFrame;
    this.ended = runFfmpegArgs(args, {
      stdout: this.output,
      signal: AbortSignal.any([signal, this.abort.signal]),
    }).catch((error: unknown) => this.output.destroy(error instanceof Error ? error : new Error(String(error))));
    this.output.on('error', () => undefined);
    this.pictures = this.read();
  }

  static async open(
    file: TrackFile,
    tile: PlacedTile,
    grid: FrameGrid,
    frame: number,
    signal: AbortSignal,
  ): Promise<PictureReader> {
    const zero = fileSeconds(file, frameMs(grid, frame));
    const { times, matrix } = await readPictures(file, zero, zero + 1, signal);
    const from = pictureAt(times, zero) ?? times[0] ?? 0;
    const firstFrame = frame + Math.max(0, Math.ceil((from - zero - timestampSlack) * grid.fps));
    const size = { width: tile.box.x1 - tile.box.x0, height: tile.box.y1 - tile.box.y0 };
    const box = `${size.width}:${size.height}`;
    const color = `:in_color_matrix=${matrix}`;
    const fitted =
      tile.fit === 'cover'
        ? coverFilters(size, file.sizes, color)
        : [`scale=${box}:force_original_aspect_ratio=decrease${color}`, `pad=${box}:-1:-1:black:eval=frame`];
    const filters = [
      `trim=start=${(from - timestampSlack / 2).toFixed(6)}`,
      `setpts=PTS-(${(zero + timestampSlack).toFixed(6)})/TB`,
      `fps=${grid.fps}:round=up:start_time=${((firstFrame - frame) / grid.fps).toFixed(6)}`,
      ...fitted,
    ];
    const seek = from > 0 ? ['-noaccurate_seek', '-seek_timestamp', '1', '-ss', from.toFixed(6)] : [];
    return new PictureReader(
      [
        '-v',
        'error',
        '-nostdin',
        '-threads',
        '1',
        ...seek,
        '-copyts',
        '-reinit_filter',
        '0',
        '-i',
        file.url,
        '-vf',
        filters.join(','),
        '-fps_mode',
        'passthrough',
        '-f',
        'rawvideo',
        '-pix_fmt',
        'bgr24',
        '-',
      ],
      size,
      firstFrame,
      signal,
    );
  }

  canReach(frame: number): boolean {
    return frame >= this.nextFrame - 1;
  }

  /** The last picture when the track has ended; undefined before its first. */
  async at(frame: number): Promise<Buffer | undefined> {
    while (this.nextFrame <= frame) {
      const next = await this.pictures.next();
      if (next.done !== true) this.last = toBmp(next.value, this.size);
      this.nextFrame++;
    }
    return this.last;
  }

  async stop(): Promise<void> {
    this.abort.abort();
    // Not drained but destroyed: a decoder that waits for room would never end.
    this.output.destroy();
    await this.ended;
  }

  private async *read(): AsyncGenerator<Buffer> {
    const size = this.size.width * this.size.height * 3;
    let held = Buffer.alloc(0);
    for await (const part of this.output as AsyncIterable<Buffer>) {
      held = Buffer.concat([held, part]);
      for (; held.length >= size; held = held.subarray(size)) yield held.subarray(0, size);
    }
  }
}

/** A top-down 24-bit BMP; rows are padded to four bytes. */
function toBmp(bgr: Buffer, { width, height }: { width: number; height: number }): Buffer {
  const stride = (width * 3 + 3) & ~3;
  const out = Buffer.alloc(54 + stride * height);
  out.write('BM', 0, 'latin1');
  out.writeUInt32LE(out.length, 2);
  out.writeUInt32LE(54, 10);
  out.writeUInt32LE(40, 14);
  out.writeInt32LE(width, 18);
  out.writeInt32LE(-height, 22);
  out.writeUInt16LE(1, 26);
  out.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y++) bgr.copy(out, 54 + y * stride, y * width * 3, (y + 1) * width * 3);
  return out;
}
