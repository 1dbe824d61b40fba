import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Database } from '@rushes/database';
import { ObjectStore } from '@rushes/object-store';
import type { TestApplication } from '@rushes/platform/testing';
import { expect, vi } from 'vitest';
import { loadStoredTrack } from '../derivation/load-stored-track.ts';
import { RecorderService } from '../recorder.service.ts';
import { spoolFiles, trackFolder } from '../spool/spool-paths.ts';
import type { RecordedTrack } from '../track/recorded-track.ts';
import { TrackRows } from '../track/track-rows.ts';

/** Resolves when the application's recorder has some of the track on its disk. */
export function whenSpooled({ app }: TestApplication, track: RecordedTrack): Promise<void> {
  const folder = trackFolder(app.get(RecorderService).spool.folder, track);
  return vi.waitFor(
    async () => expect((await stat(join(folder, spoolFiles.piece(0)))).size).toBeGreaterThan(500),
    10_000,
  );
}

export function whenDerived({ app }: TestApplication, track: RecordedTrack): Promise<void> {
  const rows = new TrackRows(app.get(Database));
  return vi.waitFor(async () => expect((await rows.find(track))?.status).toBe('derived'), 30_000);
}

/** Sequence numbers of every RTP packet that is stored of a track. */
export async function storedNumbers(
  { app }: TestApplication,
  { recordingId, trackId }: RecordedTrack,
): Promise<number[]> {
  const numbers: number[] = [];
  const track = await loadStoredTrack(app.get<ObjectStore>(ObjectStore), recordingId, trackId);
  for await (const { kind, data } of track.readPackets()) {
    if (kind === 'rtp') numbers.push(Buffer.from(data).readUInt16BE(2));
  }
  return numbers;
}
