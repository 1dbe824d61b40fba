import type { PartitionState } from './partition-state.ts';

type Commit = { partition: PartitionState; offset: number; resolve: () => void; reject: (error: unknown) => void };

export type CommitQueueOptions = {
  /** Writes the checkpoints durably. */
  commit: (offsets: { topic: string; partition: number; offset: string }[]) => Promise<void>;
  /** Tells of the failure and waits. Resolves to false when nothing more is to be tried. */
  pause: (error: unknown, attempt: number) => Promise<boolean>;
  /** What to reject with when a partition is no longer this member's. */
  revoked: (partition: PartitionState) => Error;
  closed: () => Error;
};

/** Writes checkpoints one request after another; while one is in flight, those that come go together in the next. */
export class CommitQueue {
  #waiting: Commit[] = [];
  #running: Promise<void> | undefined;

  constructor(private readonly options: CommitQueueOptions) {}

  /** Resolves when the checkpoint is durable. */
  add(partition: PartitionState, offset: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ partition, offset, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0));
    this.#running = undefined;
  }

  async #commit(commits: readonly Commit[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const open = commits.filter((each) => !each.partition.isRevoked);
      for (const each of commits) if (each.partition.isRevoked) each.reject(this.options.revoked(each.partition));
      if (open.length === 0) return;
      const furthest = new Map<PartitionState, number>();
      for (const { partition, offset } of open) {
        furthest.set(partition, Math.max(offset, furthest.get(partition) ?? 0));
      }
      try {
        await this.options.commit(
          [...furthest].map(([{ topicName, at }, offset]) => ({
            topic: topicName,
            partition: at.partition,
            offset: String(offset),
          })),
        );
        for (const [partition, offset] of furthest) partition.noteCheckpoint(offset);
        for (const each of open) each.resolve();
        return;
      } catch (error) {
        if (await this.options.pause(error, attempt)) continue;
        for (const each of open) each.reject(this.options.closed());
        return;
      }
    }
  }
}
