import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { SealedBatch } from './sealed-batch.ts';

type OutboxSchema = DBSchema & { batches: { key: [string, string, number]; value: SealedBatch } };

const keptMs = 24 * 60 * 60 * 1000;

/**
 * Batches that the gateway has not acknowledged, in IndexedDB: they outlive a reload and a crash of the page. Where there is
 * no IndexedDB (some private windows) nothing is kept, and delivery goes on from memory.
 */
export class Outbox {
  private constructor(private readonly database: IDBPDatabase<OutboxSchema> | undefined) {}

  static async open(name = 'rushes-capture'): Promise<Outbox> {
    try {
      const database = await openDB<OutboxSchema>(name, 1, {
        upgrade(opened) {
          opened.createObjectStore('batches', { keyPath: ['recordingId', 'source', 'firstSeq'] });
        },
      });
      return new Outbox(database);
    } catch (error) {
      console.warn('rushes capture: no IndexedDB, events do not survive a reload', error);
      return new Outbox(undefined);
    }
  }

  /** What earlier page loads of this participant left behind, each page load in its order. Forgets what is over a day old. */
  async load(recordingId: string, participantId: string, nowMs: number): Promise<SealedBatch[]> {
    if (!this.database) return [];
    const transaction = this.database.transaction('batches', 'readwrite');
    const kept: SealedBatch[] = [];
    for await (const cursor of transaction.store) {
      const batch = cursor.value;
      if (nowMs - batch.sealedAt > keptMs) await cursor.delete();
      else if (batch.recordingId === recordingId && batch.participantId === participantId) kept.push(batch);
    }
    await transaction.done;
    return kept;
  }

  /** Handed to IndexedDB, and its commit asked for, before this returns: a page that goes away does not get to do more. */
  async put(batch: SealedBatch): Promise<void> {
    const transaction = this.database?.transaction('batches', 'readwrite');
    if (!transaction) return;
    const stored = transaction.store.put(batch);
    transaction.commit();
    await Promise.all([stored, transaction.done]);
  }

  async remove(batch: SealedBatch): Promise<void> {
    await this.database?.delete('batches', [batch.recordingId, batch.source, batch.firstSeq]);
  }

  close(): void {
    this.database?.close();
  }
}
