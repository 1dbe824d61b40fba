import { Inject, Injectable } from '@nestjs/common';
import { Database, RecordingEntity } from '@rushes/database';
import type { RecordingId } from '@rushes/timeline';

/** Epoch milliseconds of the recording clock's zero, and on it the end, null while the recording runs. */
export type RecordingSpan = { recordedAt: number; endedAtMs: number | null };

/** How old what is known of a recording may be, milliseconds. */
const freshMs = 1_000;
const mostEntries = 1_000;

/** What the gateway must know of a recording, asked of the database at most once a second each. */
@Injectable()
export class RecordingLookup {
  readonly #cache = new Map<RecordingId, { span: Promise<RecordingSpan | undefined>; atMs: number }>();

  constructor(@Inject(Database) private readonly database: Database) {}

  /** undefined when there is no such recording (any more). */
  find(recordingId: RecordingId): Promise<RecordingSpan | undefined> {
    const nowMs = performance.now();
    const cached = this.#cache.get(recordingId);
    if (cached && nowMs - cached.atMs < freshMs) return cached.span;
    const span = this.read(recordingId);
    this.#cache.delete(recordingId);
    this.#cache.set(recordingId, { span, atMs: nowMs });
    if (this.#cache.size > mostEntries) this.#cache.delete(this.#cache.keys().next().value!);
    span.catch(() => this.#cache.delete(recordingId));
    return span;
  }

  private async read(recordingId: RecordingId): Promise<RecordingSpan | undefined> {
    const row = await this.database.dataSource.getRepository(RecordingEntity).findOneBy({ recordingId });
    return row ? { recordedAt: Number(row.recordedAt), endedAtMs: row.endedAtMs } : undefined;
  }
}
