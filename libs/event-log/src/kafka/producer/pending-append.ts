import type { Message } from 'kafkajs';

/** Messages of one partition that wait for their turn. All of them are stored, or the caller is told that they may not be. */
export type PendingAppend = {
  /** The cluster's name of the topic. */
  topic: string;
  partition: number;
  messages: Message[];
  sizeBytes: number;
  /** `performance.now()` until which it is tried. */
  until: number;
  resolve: () => void;
  reject: (error: unknown) => void;
};

/** Cuts messages into runs of at most `mostBytes`; a message that is larger stands alone. */
export function cutBySize(
  messages: readonly { message: Message; sizeBytes: number }[],
  mostBytes: number,
): { messages: Message[]; sizeBytes: number }[] {
  const runs: { messages: Message[]; sizeBytes: number }[] = [];
  let run: { messages: Message[]; sizeBytes: number } | undefined;
  for (const { message, sizeBytes } of messages) {
    if (!run || run.sizeBytes + sizeBytes > mostBytes) runs.push((run = { messages: [], sizeBytes: 0 }));
    run.messages.push(message);
    run.sizeBytes += sizeBytes;
  }
  return runs;
}
