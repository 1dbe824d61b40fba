import type { Topic } from '../event-log.ts';
import type { LogTable } from './log-table.ts';

/** Whatever takes part in a group's work on a topic. */
export type Member = { wake(): void };

/**
 * How far one group has come in one topic, and which of its members is at work. There is one partition, so one
 * member works and the others stand by; when it leaves, the next goes on from the checkpoint.
 */
export class GroupProgress {
  readonly #members = new Set<Member>();
  #worker: Member | undefined;
  /** First offset not handed over and done; undefined until the worker has read the checkpoint. */
  #position: number | undefined;
  #waiting: { offset: number; resolve(): void }[] = [];

  constructor(
    readonly group: string,
    readonly topic: Topic,
    private readonly table: LogTable,
  ) {}

  get isDeserted(): boolean {
    return this.#members.size === 0;
  }

  isWorkedBy(member: Member): boolean {
    return this.#worker === member;
  }

  join(member: Member): void {
    this.#members.add(member);
  }

  /** The next member takes over. */
  leave(member: Member): void {
    this.#members.delete(member);
    if (this.#worker !== member) return;
    this.#worker = undefined;
    for (const other of this.#members) other.wake();
  }

  /** Where `member` is to read; undefined when another member is at work. */
  async claim(member: Member): Promise<number | undefined> {
    if (this.#worker && this.#worker !== member) return undefined;
    if (!this.#worker) {
      this.#worker = member;
      this.#position = undefined;
    }
    this.#position ??= (await this.table.readCheckpoint(this.group, this.topic)) ?? 0;
    this.#settle();
    return this.#position;
  }

  /** Everything before `offset` has been handed over and taken. */
  advance(offset: number): void {
    this.#position = Math.max(this.#position ?? 0, offset);
    this.#settle();
  }

  whenReached(offset: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ offset, resolve });
      this.#settle();
    });
  }

  async position(): Promise<number> {
    return this.#position ?? (await this.table.readCheckpoint(this.group, this.topic)) ?? 0;
  }

  #settle(): void {
    const position = this.#position;
    if (position === undefined) return;
    for (const waiter of this.#waiting) if (waiter.offset <= position) waiter.resolve();
    this.#waiting = this.#waiting.filter((waiter) => waiter.offset > position);
  }
}
