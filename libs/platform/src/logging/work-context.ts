import { AsyncLocalStorage } from 'node:async_hooks';

/** What a piece of work belongs to; every line logged while it runs carries it. */
export type WorkContext = { requestId?: string; recordingId?: string; exportId?: string };

const storage = new AsyncLocalStorage<WorkContext>();

/** Runs `work` so that what it logs, also asynchronously, carries `context` on top of the current one. */
export function runWithContext<T>(context: WorkContext, work: () => T): T {
  return storage.run({ ...storage.getStore(), ...context }, work);
}

/** Adds to the context of the work that runs now; nothing outside {@link runWithContext}. */
export function addToContext(context: WorkContext): void {
  const current = storage.getStore();
  if (current) Object.assign(current, context);
}

export function currentContext(): Readonly<WorkContext> {
  return storage.getStore() ?? {};
}
