import { readdir, readFile, rm, rmdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeDump, decodeNotes, encodeNote } from '@rushes/media';
import type { TrackHeader, TrackNotes } from '@rushes/media';
import type { RecordedTrack } from '../track/recorded-track.ts';
import { spoolAboutSchema, spoolFiles } from './spool-paths.ts';
import type { SpoolAbout } from './spool-paths.ts';
import type { SpoolPiece } from './spool-piece.ts';

/** A track that a killed process left on disk. */
export type LeftoverTrack = {
  path: string;
  about: SpoolAbout;
  notes: TrackNotes;
  pieces: SpoolPiece[];
};

/**
 * Finds what a killed process left in the spool, and cuts what is torn. Folders that hold nothing readable are reported
 * and left alone.
 */
export async function recoverSpool(
  folder: string,
  options: { isRunning: (track: RecordedTrack) => boolean; onUnreadable: (path: string, error: unknown) => void },
): Promise<LeftoverTrack[]> {
  const leftovers: LeftoverTrack[] = [];
  for (const recordingId of await listFolder(folder)) {
    const recordingPath = join(folder, recordingId);
    for (const trackId of await listFolder(recordingPath)) {
      if (options.isRunning({ recordingId, trackId })) continue;
      const path = join(recordingPath, trackId);
      try {
        const leftover = await recoverTrack(path);
        if (leftover) leftovers.push(leftover);
        else await rm(path, { recursive: true, force: true });
      } catch (error) {
        options.onUnreadable(path, error);
      }
    }
    // Only an empty one goes.
    await rmdir(recordingPath).catch(() => undefined);
  }
  return leftovers;
}

/** undefined when the process died before the track had begun. */
async function recoverTrack(path: string): Promise<LeftoverTrack | undefined> {
  const files = await listFolder(path);
  if (!files.includes(spoolFiles.about)) return undefined;
  const aboutText = await readFile(join(path, spoolFiles.about), 'utf8');
  // The last file written at the beginning; torn, it is as if it were not there.
  if (aboutText === '') return undefined;
  const about = spoolAboutSchema.parse(JSON.parse(aboutText));
  const notes = decodeNotes(await readFile(join(path, spoolFiles.notes)));
  const pieces: SpoolPiece[] = [];
  for (const name of files) {
    const n = spoolFiles.pieceNumber(name);
    const piece = n === undefined ? undefined : await recoverPiece(join(path, name), n, about, notes.header);
    if (piece) pieces.push(piece);
  }
  return { path, about, notes, pieces };
}

/** Cuts the torn end. undefined when no packet is whole. */
async function recoverPiece(
  path: string,
  n: number,
  about: SpoolAbout,
  header: TrackHeader,
): Promise<SpoolPiece | undefined> {
  const { packets, intactBytes, tornBytes } = decodeDump(await readFile(path));
  if (packets.length === 0) {
    await rm(path);
    return undefined;
  }
  if (tornBytes > 0) await truncate(path, intactBytes);
  const { recordingId, trackId } = about;
  const { size: sizeBytes } = await stat(path);
  const [firstMs, lastMs] = [packets[0]!.atMs, packets.at(-1)!.atMs];
  return { recordingId, trackId, header, n, path, sizeBytes, packetCount: packets.length, firstMs, lastMs };
}

/** Writes the notes anew, without a torn line and with an end. */
export async function closeNotes({ path, notes }: LeftoverTrack, endMs: number): Promise<TrackNotes> {
  if (!notes.notes.some(({ kind }) => kind === 'ended')) notes.notes.push({ kind: 'ended', atMs: endMs });
  const lines = [encodeNote(notes.header), ...notes.notes.map(encodeNote)];
  await writeFile(join(path, spoolFiles.notes), lines.join(''));
  return notes;
}

/** Names in order; nothing when the folder is not there. */
async function listFolder(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR')
      return [];
    throw error;
  }
}
