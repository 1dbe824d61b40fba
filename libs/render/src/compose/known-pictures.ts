import { readPictures } from './track-file.ts';
import type { Pictures, TrackFile } from './track-file.ts';

/** Times are read in stretches of this length, in seconds: one process for each would cost more than what it reads. */
const stretchSeconds = 600;
/** Stretches kept of a track: chunks that are encoded at once lie close together. */
const kept = 3;

/** When the tracks' pictures are and how they are coloured, read once and forgotten when the export is well past them. */
export class KnownPictures {
  private readonly known = new Map<string, Map<number, Promise<Pictures>>>();

  constructor(private readonly signal: AbortSignal) {}

  /**
   * The file's pictures at least from the key frame at or before `fromSeconds` to `toSeconds`.
   * @throws FfmpegError
   */
  async around(file: TrackFile, fromSeconds: number, toSeconds: number): Promise<Pictures> {
    const first = Math.max(0, Math.floor(fromSeconds / stretchSeconds));
    const last = Math.max(first, Math.floor(toSeconds / stretchSeconds));
    const stretches: Promise<Pictures>[] = [];
    for (let index = first; index <= last; index++) stretches.push(this.stretch(file, index));
    const pictures = await Promise.all(stretches);
    if (pictures.length === 1) return pictures[0]!;
    const times = Float64Array.from(pictures.flatMap((each) => [...each.times])).sort();
    return { ...pictures[0]!, times };
  }

  private stretch(file: TrackFile, index: number): Promise<Pictures> {
    const ofTrack = this.known.get(file.trackId) ?? new Map<number, Promise<Pictures>>();
    this.known.set(file.trackId, ofTrack);
    const from = index * stretchSeconds;
    const found = ofTrack.get(index) ?? readPictures(file, from, from + stretchSeconds + 1, this.signal);
    ofTrack.delete(index);
    ofTrack.set(index, found);
    for (const oldest of ofTrack.keys()) if (ofTrack.size > kept) ofTrack.delete(oldest);
    return found;
  }
}
