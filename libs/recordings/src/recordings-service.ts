import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { RecordingId } from '@rushes/timeline';
import { ProblemError, RecordingLifecycle, RoomDirectory, externalHolderId, type RecordingRow } from '@rushes/platform';
import { decodeCursor, encodeCursor } from './page-cursor.ts';
import { RecordingRemoval } from './recording-removal.ts';
import { RecordingStore } from './recording-store.ts';
import type { ListQuery, Recording, RecordingList, startRecordingSchema } from './schemas.ts';

/** What can be done with recordings, as the API offers it. */
@Injectable()
export class RecordingsService {
  constructor(
    @Inject(RecordingStore) private readonly store: RecordingStore,
    @Inject(RecordingLifecycle) private readonly lifecycle: RecordingLifecycle,
    @Inject(RoomDirectory) private readonly rooms: RoomDirectory,
    @Inject(RecordingRemoval) private readonly removal: RecordingRemoval,
  ) {}

  /** @throws ProblemError 404 `room-not-found`, 409 `already-recording`; 409 `room-not-external` when it is one of this service's */
  async start({ roomId, title, external, highestLayer }: z.output<typeof startRecordingSchema>): Promise<Recording> {
    if (external && (await this.rooms.isLive(roomId))) {
      throw new ProblemError(
        409,
        'room-not-external',
        `The room "${roomId}" is live here: record it without "external".`,
      );
    }
    const row = external
      ? await this.lifecycle.start({ roomId, title, holderId: externalHolderId })
      : await this.rooms.startRecording(roomId, { title, highestLayer });
    return present(row);
  }

  /** One page, the newest first; of the recordings that the caller may see. */
  async list(
    { cursor, limit, ...filters }: ListQuery,
    accessible: { only: RecordingId | undefined },
  ): Promise<RecordingList> {
    const rows = await this.store.page({
      ...filters,
      recordingId: accessible.only,
      after: cursor === undefined ? undefined : decodeCursor(cursor),
      limit: limit + 1,
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      recordings: page.map(present),
      nextCursor: rows.length > limit && last ? encodeCursor(last) : null,
    };
  }

  /** @throws ProblemError 404 `recording-not-found` */
  async get(recordingId: RecordingId): Promise<Recording> {
    return present(await this.find(recordingId));
  }

  /** Ends it; one that has ended stays as it is. @throws ProblemError 404 `recording-not-found` */
  async stop(recordingId: RecordingId): Promise<Recording> {
    const row = await this.lifecycle.end(recordingId, 'stopped');
    if (!row) throw notFound();
    return present(row);
  }

  /**
   * Removes a recording that has ended, with everything made of it.
   * @throws ProblemError 404 `recording-not-found`, 409 `recording-running`
   */
  async delete(recordingId: RecordingId): Promise<void> {
    const row = await this.find(recordingId);
    if (row.status === 'recording') {
      throw new ProblemError(409, 'recording-running', 'The recording still runs: stop it first.');
    }
    await this.removal.remove(recordingId);
  }

  private async find(recordingId: RecordingId): Promise<RecordingRow> {
    const row = await this.store.find(recordingId);
    if (!row) throw notFound();
    return row;
  }
}

function present(row: RecordingRow): Recording {
  return {
    recordingId: row.recordingId,
    roomId: row.roomId,
    title: row.title,
    status: row.status,
    recordedAt: row.recordedAt,
    durationMs: row.endedAtMs,
    endReason: row.endReason,
    continuesRecordingId: row.continuesRecordingId,
  };
}

function notFound(): ProblemError {
  return new ProblemError(404, 'recording-not-found', 'There is no such recording.');
}
