import { readPictureTimes } from './track-file.ts';
import type { TrackFile } from './track-file.ts';

/** Times are read in stretches of this length, in seconds: one process for each would cost more than what it reads. */
const stretchSeconds = 600;
/** Stretches kept of a track: chunks that are encoded at once lie close together. */
const kept = 3;

/** When the tracks' pictures are, read once and forgotten when the export is well past them. */
export class PictureTimes {
  private readonly known = new Map<string, Map<number, Promise<Float64Array>>>();

  constructor(private readonly signal: AbortSignal) {}

  /**
   * The times, in seconds of the file and rising, of its pictures at least from the key frame at or before `fromSeconds` to `toSeconds`.
   * @throws FfmpegError
   */
  async around(file: TrackFile, fromSeconds: number, toSeconds: number): Promise<Float64Array> {
    const first = Math.max(0, Math.floor(fromSeconds / stretchSeconds));
    const last = Math.max(first, Math.floor(toSeconds / stretchSeconds));
    const stretches: Promise<Float64Array>[] = [];
    for (let index = first; index <= last; index++) stretches.push(this.stretch(file, index));
    const times = await Promise.all(stretches);
    return times.length === 1 ? times[0]! : Float64Array.from(times.flatMap((each) => [...each])).sort();
  }

  private stretch(file: TrackFile, index: number): Promise<Float64Array> {
    const ofTrack = this.known.get(file.trackId) ?? new Map<number, Promise<Float64Array>>();
    this.known.set(file.trackId, ofTrack);
    const from = index * stretchSeconds;
    const found = ofTrack.get(index) ?? readPictureTimes(file, from, from + stretchSeconds + 1, this.signal);
    ofTrack.delete(index);
    ofTrack.set(index, found);
    for (const oldest of ofTrack.keys()) if (ofTrack.size > kept) ofTrack.delete(oldest);
    return found;
  }
}
