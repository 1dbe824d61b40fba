import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  findSpeech,
  importStream,
  isMachineFault,
  type DerivedMedia,
  type FileStream,
  type ImportedMedia,
  type Stretch,
} from '@rushes/media';
import type { ObjectStore } from '@rushes/object-store';
import { newId, type Logger } from '@rushes/platform';
import {
  objectKeys,
  recordingPrefix,
  type RecordingId,
  type TrackId,
  type TrackMedia,
  type TrackSource,
} from '@rushes/timeline';
import { isFault, type PlannedMedia } from '../plan/plan-import.ts';
import type { ImportReport } from '../import-report.ts';
import type { ImportRows } from './import-rows.ts';
import type { StoredTrackFacts } from './room-events.ts';

export type TrackParts = {
  recordingId: RecordingId;
  /** Epoch milliseconds. */
  recordedAt: number;
  store: ObjectStore;
  rows: ImportRows;
  report: ImportReport;
  /** For files on their way. */
  folder: string;
  signal: AbortSignal;
  logger: Logger;
};

/** Makes tracks of a media file's sound and picture, each as a file that browsers play: bytes, then row. */
export async function importMedia(
  planned: PlannedMedia,
  beginsMs: number,
  parts: TrackParts,
): Promise<StoredTrackFacts[]> {
  const { entry, file, streams, firstMs } = planned;
  const { recordingId, rows, report } = parts;
  const tracks: StoredTrackFacts[] = [];
  for (const stream of streams) {
    const trackId = trackIdOf(planned, stream.kind);
    const media = await convert(planned, stream, parts);
    if (!media) continue;
    // What lies before the file's first packet is as long as the file says.
    const stored = await storeMedia(trackId, media, beginsMs + media.startMs - firstMs, parts);
    const { codec, isTranscoded } = media;
    const source = sourceOf(entry.source, stream.kind);
    const facts = { trackId, participantId: entry.participant, kind: stream.kind, source, codec };
    const endMs = stored.startMs + stored.durationMs;
    const startMs = Math.max(0, stored.startMs);
    await rows.addTrack({ recordingId, ...facts, startMs, endMs, media: stored, gaps: [], sync: null });
    const durationMs = Math.round(stored.durationMs);
    report.addTrack(file, { ...facts, startMs: Math.round(startMs), durationMs, isTranscoded });
    tracks.push({ ...facts, startMs, endMs, speech: await speechIn(source, media, stored.startMs, parts) });
    await rm(media.path);
  }
  if (tracks.length === 0) report.refuse(file, 'none of it could be taken');
  return tracks;
}

/** @returns undefined when the stream is at fault: that is noted, and the others go on */
async function convert(
  { path, file }: PlannedMedia,
  stream: FileStream,
  { report, folder, signal, logger }: TrackParts,
): Promise<ImportedMedia | undefined> {
  try {
    const media = await importStream({ path, stream, pathWithoutExtension: join(folder, newId()), signal });
    if (media) return media;
    report.note(file, `${stream.kind} (${stream.codecName}): nothing in it can be played`);
  } catch (err) {
    if (signal.aborted || isMachineFault(err)) throw err;
    if (!isFault(err)) logger.error({ err, file }, 'a file made an import stumble');
    report.note(file, isFault(err) ? err.message : `${stream.kind} (${stream.codecName}): it cannot be read`);
  }
  return undefined;
}

/** Puts a finished file into the store. @param startMs of the file's time zero, on the recording clock */
export async function storeMedia(
  trackId: TrackId,
  media: DerivedMedia,
  startMs: number,
  { recordingId, store }: TrackParts,
): Promise<TrackMedia> {
  const { path, extension, mimeType, durationMs, sizeBytes, width, height, otherSizes } = media;
  const key = objectKeys.media(trackId, extension);
  await store.put(recordingPrefix(recordingId) + key, createReadStream(path), { contentType: mimeType.split(';')[0]! });
  const sizes = { ...(width && height ? { width, height } : {}), ...(otherSizes ? { otherSizes } : {}) };
  return { key, mimeType, startMs, durationMs, sizeBytes, ...sizes };
}

/** Where somebody is heard in a microphone's file, on the recording clock. */
export async function speechIn(
  source: TrackSource,
  { path, durationMs }: DerivedMedia,
  startMs: number,
  { signal, logger }: TrackParts,
): Promise<Stretch[]> {
  if (source !== 'microphone') return [];
  const speech = await findSpeech(path, durationMs, signal).catch((err: unknown) => {
    if (signal.aborted) throw err;
    logger.warn({ err }, 'nobody can be told to speak in an imported file');
    return [];
  });
  return speech.map(({ fromMs, toMs }) => ({ fromMs: fromMs + startMs, toMs: toMs + startMs }));
}

function sourceOf(said: TrackSource | undefined, kind: 'audio' | 'video'): TrackSource {
  const isScreen = said === 'screen' || said === 'screenAudio';
  if (kind === 'video') return isScreen ? 'screen' : 'camera';
  return isScreen ? 'screenAudio' : 'microphone';
}

/** What import.json calls the track is its picture, if it has one. */
function trackIdOf({ entry, streams }: PlannedMedia, kind: 'audio' | 'video'): TrackId {
  const isNamed = kind === 'video' || !streams.some((other) => other.kind === 'video');
  return (isNamed ? entry.trackId : undefined) ?? newId();
}
