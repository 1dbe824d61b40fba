import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '@rushes/timeline';
import { EncodePool } from './compose/encode-pool.ts';
import { encodeSegment } from './compose/encode-segment.ts';
import type { Segment } from './compose/segment.ts';
import { KnownPictures } from './compose/known-pictures.ts';
import { fileSeconds } from './compose/track-file.ts';
import type { Pictures, TrackFile } from './compose/track-file.ts';
import type { ExportRequest } from './export-request.ts';
import { frameMs } from './plan/frame-grid.ts';
import type { FrameGrid, FrameRange } from './plan/frame-grid.ts';
import { findStageInstants } from './plan/stage-instants.ts';
import { makeChunkPlates } from './plates/chunk-plates.ts';
import type { ChunkPlates } from './plates/chunk-plates.ts';
import { PictureInjector } from './plates/picture-injector.ts';
import { PlateMaker } from './plates/plate-maker.ts';
import { StagePage } from './plates/stage-page.ts';
import type { RefusedRequest } from './browser/request-gate.ts';
import type { RecordingObjects } from './recording-objects.ts';
import { RenderError } from './render-error.ts';
import type { RenderResult } from './render-result.ts';

export type EncodedPicture = RenderResult['picture'] & {
  /** In order; joined they are the whole picture. */
  files: { path: string; seconds: number }[];
  warnings: string[];
};

export type ChunkRendererOptions = {
  manifest: Manifest;
  objects: RecordingObjects;
  request: ExportRequest;
  grid: FrameGrid;
  chunks: readonly FrameRange[];
  /** The video tracks with media. */
  tracks: ReadonlyMap<string, TrackFile>;
  script: Promise<string>;
  folder: string;
  parallel: number;
  signal: AbortSignal;
  /** Frames encoded so far. */
  onFrames(frames: number): void;
};

/** What stands beside a finished chunk, so that a restarted export does not make it again. */
type ChunkRecord = ChunkPlates & {
  shots: number;
  files: EncodedPicture['files'];
  frames: number;
};

/** A chunk whose plates are made; its segments are being encoded. */
type PlatedChunk = ChunkPlates & { shots: number; files: Promise<EncodedPicture['files'][number]>[] };

/**
 * Makes the chunks: plates one chunk after the other in one browser, while the encoders work on the segments before them.
 * The plates of at most `2 × parallel` chunks wait on disk; when the last ones are made the browser is closed.
 */
export class ChunkRenderer {
  private readonly pool: EncodePool;
  private readonly pictures: KnownPictures;
  private readonly framesBySegment = new Map<string, number>();
  private readonly refused: RefusedRequest[] = [];
  private stage: { page: StagePage; maker: PlateMaker } | undefined;

  constructor(private readonly options: ChunkRendererOptions) {
    this.pool = new EncodePool(options.parallel);
    this.pictures = new KnownPictures(options.signal);
  }

  async render(): Promise<EncodedPicture> {
    const { chunks, parallel } = this.options;
    const records: Promise<ChunkRecord>[] = [];
    try {
      for (const [index, range] of chunks.entries()) {
        records.push(this.chunk(index, range, records[index - 2 * parallel]));
        await this.plated;
      }
      await this.closeStage();
      return this.summarise(await Promise.all(records));
    } finally {
      await Promise.allSettled(records);
      await this.closeStage();
    }
  }

  private async closeStage(): Promise<void> {
    const { stage } = this;
    this.stage = undefined;
    await stage?.page.close();
  }

  /** Resolves when the plates of the chunk begun last are made. */
  private plated: Promise<unknown> = Promise.resolve();

  private async chunk(index: number, range: FrameRange, after: Promise<unknown> | undefined): Promise<ChunkRecord> {
    const folder = join(this.options.folder, `chunk-${range.from}-${range.to}`);
    const done = readRecord(folder);
    const plates = Promise.all([done, after]).then(([record]) => (record ? undefined : this.plates(range, folder)));
    this.plated = plates.catch(() => undefined);
    const [record, made] = [await done, await plates];
    if (record) {
      this.note(folder, record.frames);
      return record;
    }
    return this.finishChunk(range, folder, made!);
  }

  /** A browser that hangs or dies is replaced, and the chunk's plates are made again. */
  private async plates(range: FrameRange, folder: string): Promise<PlatedChunk> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.tryPlates(range, folder);
      } catch (error) {
        this.options.signal.throwIfAborted();
        const isPageFailure = error instanceof RenderError && error.code === 'page-failed';
        if (!isPageFailure || tries === 3) throw error;
        await this.closeStage();
      }
    }
  }

  private async tryPlates(range: FrameRange, folder: string): Promise<PlatedChunk> {
    const { manifest, objects, request, grid, tracks, signal } = this.options;
    const { perspective, width, height } = request;
    signal.throwIfAborted();
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const { page, maker } = (this.stage ??= await this.openStage());
    const shotsBefore = page.shots;
    const instants = await findStageInstants({ manifest, perspective, grid, range, objects });
    const stage = { width, height };
    const injector = new PictureInjector(page, stage, grid, tracks, signal);
    const files: PlatedChunk['files'] = [];
    this.readTimesAhead(range);
    const encode = this.segmentEncoder(range, folder);
    const onSegment = (segment: Segment): void => {
      const file = encode(segment, files.length);
      file.catch(() => undefined);
      files.push(file);
    };
    try {
      const made = await makeChunkPlates({ maker, injector, grid, range, instants, stage, folder, signal, onSegment });
      return { ...made, files, shots: page.shots - shotsBefore };
    } catch (error) {
      // They read and write what the next try begins with removing.
      await Promise.allSettled(files);
      throw error;
    }
  }

  private async openStage(): Promise<{ page: StagePage; maker: PlateMaker }> {
    const { objects, request, script, tracks } = this.options;
    const { perspective, layout, width, height } = request;
    const { refused } = this;
    const page = await StagePage.open({ objects, script, stage: { perspective, layout, width, height }, refused });
    return { page, maker: new PlateMaker(page, { width, height }, (trackId) => tracks.has(trackId)) };
  }

  /** Reads when the pictures are that the chunk is likely to show, while its plates are being made. */
  private readTimesAhead(range: FrameRange): void {
    for (const file of this.options.tracks.values()) {
      const { from, to } = this.secondsOf(file, range);
      if (to > 0 && from < file.durationMs / 1000) this.pictures.around(file, from, to).catch(() => undefined);
    }
  }

  private secondsOf(file: TrackFile, range: FrameRange): { from: number; to: number } {
    const { grid } = this.options;
    return { from: fileSeconds(file, frameMs(grid, range.from)), to: fileSeconds(file, frameMs(grid, range.to)) + 1 };
  }

  /** Encodes a chunk's segments, each to the file of its number, as encoders come free. */
  private segmentEncoder(range: FrameRange, folder: string) {
    const { grid, request, tracks, signal } = this.options;
    const { width, height } = request;
    const picturesOf = (file: TrackFile): Promise<Pictures> => {
      const { from, to } = this.secondsOf(file, range);
      return this.pictures.around(file, from, to);
    };
    return async (segment: Segment, index: number) => {
      const outputFile = join(folder, `${index}.mp4`);
      const frames = segment.frames.to - segment.frames.from;
      const onFrames = (done: number): void => this.note(outputFile, done);
      await this.pool.run(async () => {
        const stage = { width, height };
        await encodeSegment({ segment, grid, stage, tracks, picturesOf, outputFile, signal, onFrames });
        onFrames(frames);
        await removePlates(segment);
      });
      return { path: outputFile, seconds: frames / grid.fps };
    };
  }

  private async finishChunk(range: FrameRange, folder: string, plated: PlatedChunk): Promise<ChunkRecord> {
    const files = await Promise.all(plated.files);
    const record: ChunkRecord = { ...plated, files, frames: range.to - range.from };
    await writeFile(join(folder, 'chunk.json.part'), JSON.stringify(record));
    await rename(join(folder, 'chunk.json.part'), join(folder, 'chunk.json'));
    return record;
  }

  private note(segment: string, frames: number): void {
    this.framesBySegment.set(segment, frames);
    let sum = 0;
    for (const each of this.framesBySegment.values()) sum += each;
    this.options.onFrames(sum);
  }

  private summarise(records: readonly ChunkRecord[]): EncodedPicture {
    const sum = (of: (record: ChunkRecord) => number): number =>
      records.reduce((total, record) => total + of(record), 0);
    const files = records.flatMap((record) => record.files);
    const obstacles = [...new Set(records.flatMap((record) => record.obstacles))];
    const injectedFrames = sum((record) => record.injectedFrames);
    const warnings: string[] = [];
    if (injectedFrames > 0) {
      warnings.push(
        `${injectedFrames} frames were painted one by one by the browser, since plates cannot show: ${obstacles.join(', ')}`,
      );
    }
    const [refused] = this.refused;
    if (refused)
      warnings.push(`${this.refused.length} requests of the page were refused, first ${refused.method} ${refused.url}`);
    const shots = sum((record) => record.shots);
    return {
      files,
      warnings,
      injectedFrames,
      shots,
      plates: sum((record) => record.plates),
      segments: files.length,
      chunks: records.length,
    };
  }
}

async function removePlates(segment: Segment): Promise<void> {
  for (const file of [segment.platesFile, ...segment.maskFiles])
    if (file !== undefined) await rm(file, { force: true });
}

async function readRecord(folder: string): Promise<ChunkRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'chunk.json'), 'utf8')) as ChunkRecord;
  } catch {
    return undefined;
  }
}
