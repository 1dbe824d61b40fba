import { httpObjects, renderExport } from '@rushes/render';
import type { ChildMessage, JobMessage } from '../worker/child-messages.ts';

/**
 * The process of one export: renders and says how far it is. It has no database, no keys and no object store, only the URL of one
 * recording's objects. When the parent goes away, it and all its children end.
 */
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'));

process.once('message', (job: JobMessage) => {
  void run(job).finally(() => process.exit(0));
});

async function run({ request, objectsUrl, workFolder, outputFile }: JobMessage): Promise<void> {
  try {
    const onProgress = (progress: number): void =>
      void process.send?.({ kind: 'progress', progress } satisfies ChildMessage);
    const result = await renderExport({
      objects: httpObjects(objectsUrl),
      objectsUrl,
      request,
      workFolder,
      outputFile,
      onProgress,
    });
    await say({ kind: 'done', result });
  } catch (error) {
    const { code = 'render-failed', retriable = true } = error as { code?: unknown; retriable?: unknown };
    const message = error instanceof Error ? error.message : String(error);
    await say({ kind: 'failed', code: String(code), message, retriable: retriable !== false });
  }
}

function say(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => process.send!(message, undefined, undefined, () => resolve()));
}
