import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrackEntity } from '@rushes/database';
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
import { hashBytes } from './hash-bytes.ts';
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

  /** @returns undefined when the track is gone, or its packets are: then its file stays */
  async derive(recorded: RecordedTrack, signal: AbortSignal): Promise<DerivationOutcome | undefined> {
    const { rows, logger } = this.parts;
    const startedAt = monotonicEpochMs();
    return this.withDerived(recorded, signal, async (derived, sha256, { participantId }) => {
      // What was read may have been incomplete from the moment on that this is said.
      if ((await rows.find(recorded))?.packets !== 'kept') return undefined;
      // Who was frozen meanwhile has lost the job, and another may have derived more.
      signal.throwIfAborted();
      const media = await this.storeMedia(recorded, derived);
      signal.throwIfAborted();
      await rows.setDerived(recorded, media, derived);
      await this.announcer.derived({ ...recorded, participantId }, media, derived.gaps);
      const tookMs = Math.round(monotonicEpochMs() - startedAt);
      const { sync, gaps } = derived;
      logger.info({ ...recorded, tookMs, durationMs: media?.durationMs, sha256, sync }, 'track derived');
      return { media, sha256, sync, gaps };
    });
  }

  /**
   * Derives the track and lets `use` have it for as long as it takes; the file goes afterwards.
   * @returns undefined when the track is gone, or its packets are
   */
  async withDerived<T>(
    { recordingId, trackId }: RecordedTrack,
    signal: AbortSignal,
    use: (derived: DerivedTrack, sha256: string | null, row: TrackEntity) => Promise<T>,
  ): Promise<T | undefined> {
    const { store, rows } = this.parts;
    const row = await rows.find({ recordingId, trackId });
    if (row?.packets !== 'kept') return undefined;
    const track = await loadStoredTrack(store, recordingId, trackId);
    const folder = await mkdtemp(join(tmpdir(), 'rushes-derive-'));
    try {
      const derived = await deriveTrack({
        track,
        siblings: await this.loadSiblings({ recordingId, trackId }, row.participantId),
        pathWithoutExtension: join(folder, 'media'),
        ...(row.endMs === null ? {} : { endMs: row.endMs }),
        signal,
      });
      return await use(derived, derived.media && (await hashFile(derived.media.path)), row);
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
    const { path, extension, ...facts } = media;
    const key = objectKeys.media(trackId, extension);
    await this.parts.store.put(recordingPrefix(recordingId) + key, createReadStream(path), {
      contentType: facts.mimeType.split(';')[0]!,
    });
    return { key, ...facts };
  }
}

function hashFile(path: string): Promise<string> {
  return hashBytes(createReadStream(path));
}

/** A sibling that has begun but stored nothing yet. */
function ignoreMissing(error: unknown): undefined {
  if (error instanceof ObjectNotFoundError) return undefined;
  throw error;
}
