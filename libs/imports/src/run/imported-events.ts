import { newId, type EventPublisher, type PublishedEvent } from '@rushes/platform';
import type { RecordingId } from '@rushes/timeline';

/** Most that is on its way to the log at once. */
const mostEvents = 500;
const mostLength = 8 * 1024 * 1024;

/** One source's events on their way to the log, a few at a time: the log's pace is the import's. */
export class ImportedEvents {
  #seq = 0;
  #waiting: Promise<unknown>[] = [];
  #length = 0;

  constructor(
    private readonly publisher: EventPublisher,
    private readonly recordingId: RecordingId,
    /** `participants/<id>` or `services/<name>`: who would have said it in a meeting. */
    origin: string,
    private readonly source = `${origin}/${newId()}`,
  ) {}

  /** @param length of the event, characters of JSON */
  async add(event: PublishedEvent, length: number): Promise<void> {
    if (this.#waiting.length >= mostEvents || this.#length + length > mostLength) await this.flush();
    const position = { source: this.source, seq: this.#seq++ };
    const published = this.publisher.publish(this.recordingId, event, { position });
    // It is awaited below; one that fails before must not end the process.
    published.catch(() => undefined);
    this.#waiting.push(published);
    this.#length += length;
  }

  /** Resolves when the log has everything. */
  async flush(): Promise<void> {
    await Promise.all(this.#waiting.splice(0));
    this.#length = 0;
  }
}
