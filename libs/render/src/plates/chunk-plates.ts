import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Segment } from '../compose/segment.ts';
import { frameMs } from '../plan/frame-grid.ts';
import type { FrameGrid, FrameRange } from '../plan/frame-grid.ts';
import { PictureStream } from './picture-stream.ts';
import { isSamePlacing } from './placed-tile.ts';
import type { PlacedTile } from './placed-tile.ts';
import type { PlateMaker, StagePicture } from './plate-maker.ts';
import type { PictureInjector } from './picture-injector.ts';

export type ChunkPlates = {
  plates: number;
  injectedFrames: number;
  /** Why frames were injected. */
  obstacles: string[];
};

/**
 * Walks a chunk's instants and writes its plates: one segment for each stretch in which the pictures lie still. Where plates cannot
 * show the page, the frames are painted by the browser with the pictures injected, and stand in the segment as opaque plates.
 */
export async function makeChunkPlates(options: {
  maker: PlateMaker;
  injector: PictureInjector;
  grid: FrameGrid;
  range: FrameRange;
  /** Frames of the range at which the stage may change, rising, the first included. */
  instants: readonly number[];
  stage: { width: number; height: number };
  folder: string;
  signal: AbortSignal;
  /** Called in order, as soon as a segment's plates are written. */
  onSegment: (segment: Segment) => void;
}): Promise<ChunkPlates> {
  const { maker, injector, grid, range, instants, folder, signal } = options;
  const writer = new SegmentWriter(folder, options.stage, grid.fps, range.to, options.onSegment);
  const obstacles = new Set<string>();
  let injectedFrames = 0;
  await mkdir(folder, { recursive: true });
  maker.restart();
  let next = 0;
  let isInjecting = false;
  try {
    for (let frame = range.from; frame < range.to;) {
      signal.throwIfAborted();
      const isInstant = instants[next] === frame;
      if (isInstant) next++;
      const drawMs = ((frame + 1) * 1000) / grid.fps;
      const picture: StagePicture | undefined = isInstant
        ? await maker.show(frameMs(grid, frame), drawMs)
        : isInjecting
          ? undefined
          : await maker.animate(drawMs);
      if (picture) {
        isInjecting = picture.obstacles.length > 0;
        for (const each of picture.obstacles) obstacles.add(each);
        if (!isInjecting) await writer.add(frame, picture);
      }
      if (isInjecting) {
        const painted = await injector.paint(frame, maker, drawMs);
        await writer.add(frame, painted);
        injectedFrames++;
      }
      frame = maker.isAnimating || isInjecting ? frame + 1 : (instants[next] ?? range.to);
    }
    await injector.stop();
    await writer.finish();
    return { plates: writer.plates, injectedFrames, obstacles: [...obstacles] };
  } finally {
    await writer.close();
  }
}

/** Opens a segment when the pictures' places change, and writes plates and masks into it. */
class SegmentWriter {
  private segments = 0;
  private streams: PictureStream[] = [];
  private maskStreams: (PictureStream | undefined)[] = [];
  private plateStream: PictureStream | undefined;
  private current:
    { from: number; tiles: readonly PlacedTile[]; maskFiles: (string | undefined)[]; platesFile: string } | undefined;
  plates = 0;

  constructor(
    private readonly folder: string,
    private readonly stage: { width: number; height: number },
    private readonly fps: number,
    private readonly endFrame: number,
    private readonly onSegment: (segment: Segment) => void,
  ) {}

  async add(frame: number, picture: StagePicture): Promise<void> {
    if (!this.current || !this.continues(picture)) await this.begin(frame, picture);
    const atSeconds = (frame - this.current!.from) / this.fps;
    await this.plateStream!.add(picture.plate, atSeconds);
    for (const [index, stream] of this.maskStreams.entries()) await stream?.add(picture.masks[index]!, atSeconds);
    this.plates++;
  }

  finish(): Promise<void> {
    return this.end(this.endFrame);
  }

  async close(): Promise<void> {
    for (const stream of this.streams.splice(0)) await stream.close();
  }

  private continues({ tiles, masks }: StagePicture): boolean {
    const { current } = this;
    const sameMasks = masks.every((mask, index) => (mask === undefined) === (this.maskStreams[index] === undefined));
    return current !== undefined && isSamePlacing(tiles, current.tiles) && sameMasks;
  }

  private async begin(frame: number, { tiles, masks }: StagePicture): Promise<void> {
    await this.end(frame);
    const number = this.segments++;
    const platesFile = join(this.folder, `${number}-plates.mkv`);
    this.plateStream = await this.open(platesFile, { ...this.stage, format: 'yuva420p' });
    const maskFiles: (string | undefined)[] = [];
    for (const [index, mask] of masks.entries()) {
      const { box } = tiles[index]!;
      const file = mask && join(this.folder, `${number}-mask-${index}.mkv`);
      maskFiles.push(file);
      this.maskStreams.push(
        file ? await this.open(file, { width: box.x1 - box.x0, height: box.y1 - box.y0, format: 'gray' }) : undefined,
      );
    }
    this.current = { from: frame, tiles, maskFiles, platesFile };
  }

  private async end(frame: number): Promise<void> {
    await this.close();
    this.maskStreams = [];
    if (!this.current) return;
    const { from, ...rest } = this.current;
    this.current = undefined;
    this.onSegment({ frames: { from, to: frame }, ...rest });
  }

  private async open(file: string, options: Parameters<typeof PictureStream.create>[1]): Promise<PictureStream> {
    const stream = await PictureStream.create(file, options);
    this.streams.push(stream);
    return stream;
  }
}
