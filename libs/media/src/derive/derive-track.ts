import type { Gap, TrackSync } from '@rushes/timeline';
import { MediaError } from '../media-error.ts';
import { fitParticipantClock } from '../sync/participant-clock.ts';
import type { StreamClock } from '../sync/participant-clock.ts';
import { scanTrack } from '../track/scan-track.ts';
import type { StreamScan, TrackScan } from '../track/scan-track.ts';
import type { StoredTrack } from '../track/stored-track.ts';
import { deriveAudio } from './derive-audio.ts';
import { deriveVideo } from './derive-video.ts';
import { GapList } from './gaps.ts';

export type DeriveOptions = {
  track: StoredTrack;
  /**
   * Other tracks of the same participant: those with the same canonical name share the sender's clock, and their reports
   * and arrivals count too. Tracks without one share nothing. `track` itself may be among them.
   */
  siblings?: readonly StoredTrack[];
  /** The file to write, without its extension, which the codec decides. */
  pathWithoutExtension: string;
  /** When the track ended, on the recording clock; default: its `ended` note, else its last packet. */
  endMs?: number;
  signal?: AbortSignal;
};

/** A written file. */
export type DerivedMedia = {
  path: string;
  extension: 'webm' | 'mp4';
  /** With codecs, as `<video>` takes it. */
  mimeType: string;
  /** The file's time zero, on the recording clock. */
  startMs: number;
  durationMs: number;
  sizeBytes: number;
  /** Of the first picture. */
  width?: number;
  height?: number;
  /** That later pictures have, each once; absent where all have the first one's. */
  otherSizes?: PictureSize[];
};

export type PictureSize = { width: number; height: number };

export type DerivedTrack = {
  /** null when nothing that can be decoded ever came. */
  media: DerivedMedia | null;
  gaps: Gap[];
  /** null without packets. */
  sync: TrackSync | null;
  endMs: number;
};

/** What both kinds of derivation work on. */
export type DeriveJob = {
  track: StoredTrack;
  pathWithoutExtension: string;
  /** Recording time of a stream's unwrapped RTP timestamp. */
  atMsOf: (ssrc: number, ticks: number) => number;
  gaps: GapList;
  /** Upper bound. */
  frameCount: number;
  endMs: number;
  signal: AbortSignal | undefined;
};

/**
 * Makes a track's playable, seekable file from its stored packets. Pure: the same packets and notes give the same bytes,
 * whatever the time and the machine. Reads every sibling's packets once and the track's own twice, one part at a time;
 * memory does not grow with the packets but for a clock point a second and the file's index.
 *
 * @throws MediaError `codec-unsupported`; the signal's reason when aborted.
 */
export async function deriveTrack(options: DeriveOptions): Promise<DerivedTrack> {
  const { track, siblings = [], signal } = options;
  const scan = await scanTrack(track);
  const scans = [scan];
  for (const sibling of siblings.filter((other) => sharesClock(track, other))) {
    signal?.throwIfAborted();
    scans.push(await scanTrack(sibling));
  }
  // In an order that does not depend on which of them is being derived: sums of floating point do.
  const clockOf = fitParticipantClock(scans.sort((a, b) => (a.track.header.trackId < b.track.header.trackId ? -1 : 1)));
  const clocks = new Map([...scan.streams.values()].map((stream) => [stream.ssrc, clockOf(stream)]));

  const endMs = options.endMs ?? endOf(scan);
  const standstills = [...clocks.values()].flatMap((clock) => clock.standstills);
  const gaps = new GapList(track.notes, endMs, standstills);
  const job: DeriveJob = {
    track,
    pathWithoutExtension: options.pathWithoutExtension,
    atMsOf: (ssrc, ticks) => clocks.get(ssrc)!.atMsOf(ticks),
    gaps,
    frameCount: [...scan.streams.values()].reduce((sum, stream) => sum + stream.frameCount, 0),
    endMs,
    signal,
  };
  const media = scan.streams.size === 0 ? null : await deriveMedia(job);
  const { startMs } = track.header;
  if (!media) gaps.add(startMs, endMs, undefined);
  return { media, gaps: gaps.list(), sync: syncOf(scan, clocks), endMs };
}

function deriveMedia(job: DeriveJob): Promise<DerivedMedia | null> {
  const { codec, media } = job.track.header;
  if (media === 'video') return deriveVideo(job);
  if (codec.toLowerCase() === 'audio/opus') return deriveAudio(job);
  throw new MediaError('codec-unsupported', `${codec}: expected audio/opus`);
}

function sharesClock(track: StoredTrack, other: StoredTrack): boolean {
  const [a, b] = [track.header, other.header];
  return a.trackId !== b.trackId && a.participantId === b.participantId && a.cname !== null && a.cname === b.cname;
}

function endOf({ track, lastAtMs }: TrackScan): number {
  const ended = track.notes.find((note) => note.kind === 'ended');
  return ended?.atMs ?? lastAtMs ?? track.header.startMs;
}

/** Of the stream with most packets. */
function syncOf({ streams }: TrackScan, clocks: ReadonlyMap<number, StreamClock>): TrackSync | null {
  let main: StreamScan | undefined;
  for (const stream of streams.values()) if (!main || stream.packetCount > main.packetCount) main = stream;
  return main ? clocks.get(main.ssrc)!.sync : null;
}
