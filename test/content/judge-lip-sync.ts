import { beepsOf, readVideoTrack, type PlacedFile } from './judge-track.ts';
import type { Voice } from './signal.ts';

export type LipSync = {
  /** By how much the sound is late against the picture. */
  medianMs: number;
  /** Pictures whose number could be read. */
  pictures: number;
  beeps: number;
  /** How far a picture is at most from where the others have it. */
  worstMs: number;
};

/**
 * Of derived files of the clocked signal, whose pictures tell the sound's clock when they were painted; or, with the time between its
 * pictures, of a file that `writeCameraFile` made.
 */
export async function judgeLipSync(
  { audio, video }: { audio: PlacedFile; video: PlacedFile & { width?: number; height?: number } },
  voice: Voice,
  msPerNumber = 1,
): Promise<LipSync> {
  const shown = await readVideoTrack(video, { width: video.width!, height: video.height! });
  const pictureOffsets = shown.flatMap(({ atMs, frameNumber }) =>
    frameNumber === undefined ? [] : [atMs - frameNumber * msPerNumber],
  );
  const picture = median(pictureOffsets);
  const beeps = (await beepsOf(audio, voice)).map((atMs) => atMs - picture);
  return {
    medianMs: median(beeps.map((ms) => ms - Math.round(ms / 1000) * 1000)),
    pictures: pictureOffsets.length,
    beeps: beeps.length,
    worstMs: Math.max(...pictureOffsets.map((offset) => Math.abs(offset - picture))),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
