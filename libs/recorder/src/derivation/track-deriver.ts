import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveTrack } from '@rushes/media';
import type { DerivedTrack } from '@rushes/media';
import type { ObjectStore } from '@rushes/object-store';
import { ObjectNotFoundError } from '@rushes/object-store';
import { monotonicEpochMs } from '@rushes/platform';
import type { Logger, EventPublisher } from '@rushes/platform';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import type { ParticipantId, TrackMedia } from '@rushes/timeline';
import type { StoredTrack } from '@rushes/media';
import type { RecordedTrack } from '../track/recorded-track.ts';
import { loadStoredTrack } from './load-stored-track.ts';
import type { TrackRows } from '../track/track-rows.ts';

export type TrackDeriverParts = { store: ObjectStore; rows: TrackRows; publisher: EventPublisher; logger: Logger };

/** Makes a track's file from its stored packets: bytes, then row, then the event that says so. May be repeated. */
export class TrackDeriver {
  constructor(private readonly parts: TrackDeriverParts) {}

  async derive(recorded: RecordedTrack, signal: AbortSignal): Promise<void> {
    const { store, rows, logger } = this.parts;
    const { recordingId, trackId } = recorded;
    const row = await rows.find(recorded);
    if (!row) return;
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
      const media = await this.storeMedia(recorded, derived);
      await rows.setDerived(recorded, media, derived);
      await this.publish(recorded, row.participantId, media);
      const tookMs = Math.round(monotonicEpochMs() - startedAt);
      logger.info({ recordingId, trackId, tookMs, durationMs: media?.durationMs, sync: derived.sync }, 'track derived');
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

  private async publish(
    { recordingId, trackId }: RecordedTrack,
    participantId: ParticipantId,
    media: TrackMedia | null,
  ): Promise<void> {
    if (!media) return;
    const { endedAtMs, recordedAt } = await this.parts.rows.findRecording(recordingId);
    const { key, startMs, durationMs, sizeBytes } = media;
    await this.parts.publisher.publish(recordingId, {
      type: 'rushes.track.segment-stored.v1',
      atMs: endedAtMs ?? monotonicEpochMs() - recordedAt,
      participantId,
      data: { trackId, key, startMs, durationMs, sizeBytes },
    });
  }
}

/** A sibling that has begun but stored nothing yet. */
function ignoreMissing(error: unknown): undefined {
  if (error instanceof ObjectNotFoundError) return undefined;
  throw error;
}
