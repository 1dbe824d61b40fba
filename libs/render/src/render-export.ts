import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { manifestSchema, objectKeys } from '@rushes/timeline';
import type { Manifest } from '@rushes/timeline';
import { mixAudio } from './audio/mix-audio.ts';
import { bundleStagePage } from './browser/stage-bundle.ts';
import { ChunkRenderer } from './chunk-renderer.ts';
import { trackFile } from './compose/track-file.ts';
import type { TrackFile } from './compose/track-file.ts';
import type { ExportRequest } from './export-request.ts';
import { joinFile } from './join/join-file.ts';
import { LoopbackObjects } from './objects/loopback-objects.ts';
import { createFrameGrid, cutChunks } from './plan/frame-grid.ts';
import { readObject } from './recording-objects.ts';
import type { RecordingObjects } from './recording-objects.ts';
import { RenderError } from './render-error.ts';
import type { RenderResult } from './render-result.ts';
import { verifyFile } from './verify/verify-file.ts';

export type RenderOptions = {
  objects: RecordingObjects;
  /** Where the objects are served over HTTP with ranges already, with a slash at the end. Default: they are served on loopback. */
  objectsUrl?: string;
  request: ExportRequest;
  /**
   * Folder for what is half done. A later call for the same job finds the chunks that an earlier, killed one had
   * finished; the caller removes it when the job is over.
   */
  workFolder: string;
  /** The MP4; appears when it is complete and verified. */
  outputFile: string;
  /** Encoders at once. Default: the machine's cores. */
  parallel?: number;
  /** The page's script, instead of the player's render page; it sets `window.rushesStage` and holds the probe. For tests. */
  stageScript?: string;
  /** Rejects with the signal's reason; browser and encoders are killed. */
  signal?: AbortSignal;
  /** From 0 to 1, rising. */
  onProgress?(progress: number): void;
};

/** Shares of the whole work, for progress: the rest is joining and verifying. */
const pictureShare = 0.94;

/**
 * Makes the MP4 of a recording: plates from the browser, pictures and sound from the tracks.
 *
 * @throws RenderError; FfmpegError; the signal's reason when aborted.
 */
export async function renderExport(options: RenderOptions): Promise<RenderResult> {
  const startedAt = performance.now();
  const { objects, request, workFolder, outputFile } = options;
  const onProgress = (progress: number): void => options.onProgress?.(progress);
  const parallel = options.parallel ?? availableParallelism();
  const outer = options.signal ?? new AbortController().signal;
  outer.throwIfAborted();
  const manifest = await readManifest(objects);
  const { grid } = planRange(manifest, request);
  const { width, height } = request;
  await mkdir(workFolder, { recursive: true });

  // Awaited by the browser's first request only: it starts meanwhile.
  const script = Promise.resolve(options.stageScript ?? bundleStagePage());
  script.catch(() => undefined);
  const loopback = options.objectsUrl === undefined ? await LoopbackObjects.listen(objects) : undefined;
  const objectsUrl = options.objectsUrl ?? loopback!.url;
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  try {
    const files = manifest.tracks.flatMap((track) => trackFile(track, (key) => objectsUrl + key) ?? []);
    const durationMs = (grid.frameCount * 1000) / grid.fps;
    const chunks = new ChunkRenderer({
      manifest,
      objects,
      request,
      grid,
      chunks: cutChunks(grid, parallel),
      tracks: byTrack(files, 'video'),
      script,
      folder: workFolder,
      parallel,
      signal,
      onFrames: (frames) => onProgress((frames / grid.frameCount) * pictureShare),
    });
    const sounds = files.filter(({ kind }) => kind === 'audio');
    const [picture, audioFile] = await together(stop, [
      chunks.render(),
      mixAudio({ tracks: sounds, fromMs: grid.fromMs, durationMs, folder: workFolder, signal }),
    ]);
    onProgress(pictureShare);
    const partial = join(workFolder, 'joined.mp4');
    await joinFile({
      videoFiles: picture.files,
      audioFile,
      seconds: durationMs / 1000,
      folder: workFolder,
      outputFile: partial,
      signal,
    });
    onProgress(0.97);
    const verification = await verifyFile(partial, { width, height, fps: grid.fps, frames: grid.frameCount }, signal);
    const broken = verification.filter(({ ok }) => !ok);
    if (broken.length > 0) {
      const facts = broken.map(({ check, found }) => `${check} (found ${found})`).join('; ');
      throw new RenderError('verification-failed', `The file does not keep its promises: ${facts}`);
    }
    const { size } = await stat(partial);
    await mkdir(dirname(outputFile), { recursive: true });
    await rename(partial, outputFile);
    onProgress(1);
    const renderSeconds = (performance.now() - startedAt) / 1000;
    const { files: _files, warnings, ...counts } = picture;
    return {
      durationMs,
      frames: grid.frameCount,
      sizeBytes: size,
      renderSeconds,
      speed: durationMs / 1000 / renderSeconds,
      picture: counts,
      warnings: [...warnings, ...missingMedia(manifest)],
      verification,
    };
  } catch (error) {
    outer.throwIfAborted();
    throw error;
  } finally {
    stop.abort();
    await loopback?.close();
    await rm(join(workFolder, 'joined.mp4'), { force: true });
  }
}

async function readManifest(objects: RecordingObjects): Promise<Manifest> {
  const parsed = manifestSchema.safeParse(
    JSON.parse(Buffer.from(await readObject(objects, objectKeys.manifest)).toString('utf8')),
  );
  if (!parsed.success)
    throw new RenderError('request-invalid', 'The recording has no valid manifest', { cause: parsed.error });
  return parsed.data;
}

function planRange(manifest: Manifest, request: ExportRequest) {
  const { perspective, fps } = request;
  if (!manifest.perspectives.some(({ id }) => id === perspective)) {
    const known = manifest.perspectives.map(({ id }) => id).join(', ') || 'none';
    throw new RenderError('request-invalid', `No perspective ${perspective} in this recording; it has ${known}`);
  }
  const fromMs = request.fromMs ?? 0;
  const toMs = Math.min(request.toMs ?? manifest.durationMs, manifest.durationMs);
  if (toMs <= fromMs)
    throw new RenderError(
      'request-invalid',
      `The recording ends at ${manifest.durationMs} ms: nothing from ${fromMs} ms on`,
    );
  return { grid: createFrameGrid({ fps, fromMs, toMs }) };
}

function byTrack(files: readonly TrackFile[], kind: TrackFile['kind']): ReadonlyMap<string, TrackFile> {
  return new Map(files.filter((file) => file.kind === kind).map((file) => [file.trackId, file]));
}

/** All of them, or the first failure after the others were told to stop and have. */
async function together<A, B>(stop: AbortController, work: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  for (const each of work) each.catch((cause: unknown) => stop.abort(cause));
  const [a, b] = await Promise.allSettled(work);
  if (a.status === 'fulfilled' && b.status === 'fulfilled') return [a.value, b.value];
  throw stop.signal.reason;
}

function missingMedia(manifest: Manifest): string[] {
  const missing = manifest.tracks.filter(
    ({ media, startMs, endMs }) => media === null && (endMs ?? Infinity) > startMs,
  );
  return missing.map(({ trackId }) => `track ${trackId} has no media file: it is neither seen nor heard`);
}
