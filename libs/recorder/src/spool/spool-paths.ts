import { join } from 'node:path';
import { z } from 'zod';
import { recordedTrackName } from '../track/recorded-track.ts';
import type { RecordedTrack } from '../track/recorded-track.ts';

/** How a track lies on local disk until the object store has it: `<folder>/<recordingId>/<trackId>/…`. */
export const spoolFiles = {
  /** Written first, removed last: a folder with it belongs to a track that is not stored whole. */
  about: 'about.json',
  notes: 'notes.ndjson',
  piece: (n: number) => `${String(n).padStart(6, '0')}.rtpdump`,
  pieceNumber: (name: string): number | undefined => {
    const digits = /^(\d{6,})\.rtpdump$/.exec(name)?.[1];
    return digits === undefined ? undefined : Number(digits);
  },
} as const;

export function trackFolder(folder: string, track: RecordedTrack): string {
  return join(folder, recordedTrackName(track));
}

export const spoolAboutSchema = z.object({
  recordingId: z.string(),
  trackId: z.string(),
  /** Epoch milliseconds of the recording clock's zero. */
  recordedAt: z.number(),
});
export type SpoolAbout = z.infer<typeof spoolAboutSchema>;
