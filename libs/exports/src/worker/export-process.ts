import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RenderResult } from '@rushes/render';
import type { ChildMessage, JobMessage } from './child-messages.ts';

/** An export that its process gave up, or a process that ended without a word. */
export class ExportProcessError extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** Whether the same job may work when tried again. */
    readonly retriable: boolean,
  ) {
    super(message);
    this.name = 'ExportProcessError';
  }
}

/** Lines of standard error that are kept for the log. */
const tailBytes = 4000;

/**
 * Runs one export in a process group of its own. Aborting kills the whole group: renderer, encoders and, through its pipe, browser.
 *
 * @throws ExportProcessError; the signal's reason when aborted.
 */
export async function runExportProcess(
  job: Omit<JobMessage, 'kind'>,
  options: { signal: AbortSignal; onProgress(progress: number): void; onStart?(pid: number): void },
): Promise<RenderResult> {
  const { signal } = options;
  signal.throwIfAborted();
  // Whatever a killed browser leaves behind lies in the job's own folder, which goes away with the job.
  const temporary = join(job.workFolder, 'tmp');
  await mkdir(temporary, { recursive: true });
  // As source or built: the extension that this file has itself.
  const extension = extname(import.meta.url);
  const child = fork(fileURLToPath(new URL(`../child/render-child${extension}`, import.meta.url)), [], {
    execArgv: extension === '.ts' ? ['--import', import.meta.resolve('tsx')] : [],
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: environment(temporary),
  });
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const abort = (): void => killGroup(child);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await outcome(child, { kind: 'job', ...job }, options);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    killGroup(child);
  }
}

function outcome(
  child: ChildProcess,
  job: JobMessage,
  report: { onProgress(progress: number): void },
): Promise<RenderResult> {
  return new Promise((resolve, reject) => {
    let said: ChildMessage | undefined;
    let tail = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (tail = (tail + text).slice(-tailBytes)));
    child.on('message', (message: ChildMessage) => {
      if (message.kind === 'progress') report.onProgress(message.progress);
      else said = message;
    });
    child.once('error', (cause) => reject(new ExportProcessError('process-not-started', cause.message, true)));
    child.once('close', (code, signal) => {
      if (said?.kind === 'done') return resolve(said.result);
      if (said?.kind === 'failed') return reject(new ExportProcessError(said.code, said.message, said.retriable));
      const how = signal === null ? `exit code ${code}` : signal;
      reject(new ExportProcessError('process-died', `The renderer ended with ${how}. ${tail.trim()}`.trim(), true));
    });
    child.send(job, (error) => {
      if (error) reject(new ExportProcessError('process-not-started', error.message, true));
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

/** The renderer needs no secrets: it gets only what programs need to run. */
function environment(temporary: string): NodeJS.ProcessEnv {
  const passed = ['PATH', 'HOME', 'LANG', 'XDG_CACHE_HOME', 'RUSHES_HEADLESS_SHELL', 'FFMPEG_PATH', 'FFPROBE_PATH'];
  const kept = passed.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  return { ...Object.fromEntries(kept), TMPDIR: temporary };
}
