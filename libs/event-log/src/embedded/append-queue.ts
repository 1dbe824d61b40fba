import type { Topic } from '../event-log.ts';
import type { EncodedEvent } from './log-table.ts';

type Append = { topic: Topic; events: readonly EncodedEvent[]; resolve(): void; reject(error: unknown): void };

/** One commit holds no more than this, whichever is reached first; a single append is never cut. */
const maxCommitEvents = 2_000;
const maxCommitCharacters = 8_000_000;

/**
 * Group commit: while one commit is being written, appends gather, and the next one takes them all. So the number of
 * commits does not rise with the number of writers, and a lone append waits for nobody.
 */
export class AppendQueue {
  #waiting: Append[] = [];
  #running: Promise<void> | undefined;

  constructor(private readonly write: (topic: Topic, events: readonly EncodedEvent[]) => Promise<void>) {}

  /** Resolves when the events are committed. Order is that of the calls. */
  add(topic: Topic, events: readonly EncodedEvent[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ topic, events, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // Appends of the same turn of the event loop share the first commit too.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.#commit(this.#takeNext());
    this.#running = undefined;
  }

  /** The first append and those after it on the same topic. Order across topics is not promised. */
  #takeNext(): Append[] {
    const topic = this.#waiting[0]!.topic;
    const taken: Append[] = [];
    const left: Append[] = [];
    let events = 0;
    let characters = 0;
    let isFull = false;
    for (const append of this.#waiting) {
      const size = append.events.reduce((sum, event) => sum + event.json.length, 0);
      const fits = events + append.events.length <= maxCommitEvents && characters + size <= maxCommitCharacters;
      if (append.topic !== topic || isFull || (taken.length > 0 && !fits)) {
        isFull ||= append.topic === topic;
        left.push(append);
        continue;
      }
      events += append.events.length;
      characters += size;
      taken.push(append);
    }
    this.#waiting = left;
    return taken;
  }

  async #commit(appends: readonly Append[]): Promise<void> {
    try {
      await this.write(
        appends[0]!.topic,
        appends.flatMap((append) => append.events),
      );
      for (const append of appends) append.resolve();
    } catch (error) {
      for (const append of appends) append.reject(error);
    }
  }
}
