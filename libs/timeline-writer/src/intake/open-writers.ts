import type { TopicPartition } from '@rushes/event-log';
import type { RecordingId } from '@rushes/timeline';
import { RecordingWriter, type RecordingWriterOptions } from '../recording-writer.ts';
import { partitionName } from './partition-progress.ts';

/** Writers of recordings that nothing came for are dropped from memory, milliseconds. */
const idleMs = 120_000;

/** The recordings that are open in this process. */
export class OpenWriters {
  readonly #writers = new Map<RecordingId, RecordingWriter>();
  /** Partitions that a writer's records came from. */
  readonly #homes = new Map<RecordingId, Set<string>>();

  constructor(private readonly options: RecordingWriterOptions) {}

  all(): RecordingWriter[] {
    return [...this.#writers.values()];
  }

  /** Taken by all of them and not written yet. */
  get heldBytes(): number {
    return this.all().reduce((sum, writer) => sum + writer.heldBytes, 0);
  }

  /** The recording's writer, opened if need be; undefined when there is no such recording. */
  async of(recordingId: RecordingId): Promise<RecordingWriter | undefined> {
    let writer = this.#writers.get(recordingId);
    if (!writer) {
      writer = await RecordingWriter.open(recordingId, this.options);
      if (writer) this.#writers.set(recordingId, writer);
    }
    if (writer) writer.touchedAt = performance.now();
    return writer;
  }

  /** Another one has been opened; what `stale` held is taken once more on top of what is stored now. */
  async openAgain({ recordingId, unwritten }: RecordingWriter): Promise<void> {
    const writer = await RecordingWriter.open(recordingId, this.options);
    if (!writer) return this.forget(recordingId);
    for (const envelope of unwritten) await writer.take(envelope);
    // Not before it has everything: what fails here begins again with the one that is stale.
    writer.touchedAt = performance.now();
    this.#writers.set(recordingId, writer);
  }

  cameFrom(recordingId: RecordingId, partition: TopicPartition): void {
    this.#homes.set(recordingId, (this.#homes.get(recordingId) ?? new Set()).add(partitionName(partition)));
  }

  forget(recordingId: RecordingId): void {
    this.#writers.delete(recordingId);
    this.#homes.delete(recordingId);
  }

  /** Those with records of these partitions, and those without any: they were opened to complete their recording, and hold nothing. */
  forgetFrom(partitions: readonly TopicPartition[]): void {
    const names = partitions.map(partitionName);
    for (const recordingId of [...this.#writers.keys()]) {
      const homes = this.#homes.get(recordingId);
      if (!homes || names.some((name) => homes.has(name))) this.forget(recordingId);
    }
  }

  forgetIdle(): void {
    const nowMs = performance.now();
    for (const writer of this.all()) {
      if (!writer.isDirty && !writer.isWaiting && nowMs - writer.touchedAt > idleMs) this.forget(writer.recordingId);
    }
  }
}
