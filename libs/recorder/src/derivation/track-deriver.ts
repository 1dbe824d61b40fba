import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { deriveTrack } from '@rushes/media';
import type { DerivedTrack } from '@rushes/media';
import type { ObjectStore } from '@rushes/object-store';
import { ObjectNotFoundError } from '@rushes/object-store';
import { monotonicEpochMs } from '@rushes/platform';
import type { Logger, EventPublisher } from '@rushes/platform';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import type { Gap, ParticipantId, TrackMedia, TrackSync } from '@rushes/timeline';
import type { StoredTrack } from '@rushes/media';
import type { RecordedTrack } from '../track/recorded-track.ts';
import { loadStoredTrack } from './load-stored-track.ts';
import { TrackAnnouncer } from '../track/track-announcer.ts';
import type { TrackRows } from '../track/track-rows.ts';

export type TrackDeriverParts = { store: ObjectStore; rows: TrackRows; publisher: EventPublisher; logger: Logger };

/** What became of a track. */
export type DerivationOutcome = {
  /** null when nothing that can be decoded ever came. */
  media: TrackMedia | null;
  /** Of the file, in hexadecimal: the same packets give the same. null without a file. */
  sha256: string | null;
  /** null without packets. */
  sync: TrackSync | null;
  gaps: Gap[];
};

/** Makes a track's file from its stored packets: bytes, then row, then the events that say so. May be repeated. */
export class TrackDeriver {
  private readonly announcer: TrackAnnouncer;

  constructor(private readonly parts: TrackDeriverParts) {
    this.announcer = new TrackAnnouncer(parts);
  }

  /** @returns undefined when the track is gone */
  async derive(recorded: RecordedTrack, signal: AbortSignal): Promise<DerivationOutcome | undefined> {
    const { store, rows, logger } = this.parts;
    const { recordingId, trackId } = recorded;
    const row = await rows.find(recorded);
    if (!row) return undefined;
    const startedAt = monotonicEpochMs();
    const track = await loadStoredTrack(store, recordingId, trackId);
    const folder = await mkdtemp(join(tmpdir(), 'rushes-derive-'));
    try {
      const derived = await deriveTrack({
        track,
        siblings: await this.loadSiblings(recorded, row.participantId),
        pathWithoutExtension: join(folder, 'media'),
        ...(row.endMs === null ? {} : { endMs: row.endMs }),
        signal,
      });
      const sha256 = derived.media && (await hashFile(derived.media.path));
      const media = await this.storeMedia(recorded, derived);
      await rows.setDerived(recorded, media, derived);
      await this.announcer.derived({ ...recorded, participantId: row.participantId }, media, derived.gaps);
      const tookMs = Math.round(monotonicEpochMs() - startedAt);
      const { sync, gaps } = derived;
      logger.info({ recordingId, trackId, tookMs, durationMs: media?.durationMs, sha256, sync }, 'track derived');
      return { media, sha256, sync, gaps };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async loadSiblings(
    { recordingId, trackId }: RecordedTrack,
    participantId: ParticipantId,
  ): Promise<StoredTrack[]> {
    const siblings = await this.parts.rows.ofParticipant(recordingId, participantId);
    const loaded = siblings
      .filter((sibling) => sibling.trackId !== trackId)
      .map((sibling) => loadStoredTrack(this.parts.store, recordingId, sibling.trackId).catch(ignoreMissing));
    return (await Promise.all(loaded)).filter((track) => track !== undefined);
  }

  private async storeMedia(
    { recordingId, trackId }: RecordedTrack,
    { media }: DerivedTrack,
  ): Promise<TrackMedia | null> {
    if (!media) return null;
    const { path, extension, mimeType, startMs, durationMs, sizeBytes, width, height } = media;
    const key = objectKeys.media(trackId, extension);
    await this.parts.store.put(recordingPrefix(recordingId) + key, createReadStream(path), {
      contentType: mimeType.split(';')[0]!,
    });
    return { key, mimeType, startMs, durationMs, sizeBytes, ...(width && height ? { width, height } : {}) };
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** A sibling that has begun but stored nothing yet. */
function ignoreMissing(error: unknown): undefined {
  if (error instanceof ObjectNotFoundError) return undefined;
  throw error;
}
