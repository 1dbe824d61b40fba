import { openAsBlob, type Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ImportState } from '@rushes/imports';
import type { ProblemDetails } from '@rushes/platform';

/** A service refused an upload. */
export class UploadError extends Error {
  readonly code = 'upload-refused';
  readonly retriable = false;
  /** The service has said no, and would again. */
  readonly isRefusal: boolean;

  constructor(message: string, options: ErrorOptions & { isRefusal?: boolean } = {}) {
    super(message, options);
    this.isRefusal = options.isRefusal ?? false;
  }
}

const pollMs = 1_000;
/** A service that is started anew, or a balancer that lost it, is back by then. Milliseconds. */
const awayMs = 60_000;

/**
 * Imports a folder by a service's HTTP API, with the key in RUSHES_API_KEY. Resolves when it is done.
 * @throws UploadError saying what the service did not like
 */
export async function uploadFolder(folder: string, url: string): Promise<ImportState> {
  const key = process.env['RUSHES_API_KEY'];
  if (!key) throw new UploadError('RUSHES_API_KEY: expected the API key of the service');
  const headers = { authorization: `Bearer ${key}` };
  const form = new FormData();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const name = relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/');
    const isHidden = name.split('/').some((part) => part.startsWith('.'));
    if (isHidden || !(await isFile(entry, join(folder, name)))) continue;
    // Read as it is sent, not before.
    form.append('file', await openAsBlob(join(folder, name)), name);
  }
  let state = await ask(new URL('/v1/imports', url), { method: 'POST', headers, body: form });
  let answeredAt = performance.now();
  while (state.status === 'running') {
    await pause(pollMs);
    const { recordingId } = state;
    try {
      state = await ask(new URL(`/v1/imports/${recordingId}`, url), { headers });
      answeredAt = performance.now();
    } catch (cause) {
      // The import goes on, whoever asks.
      const isRefusal = cause instanceof UploadError && cause.isRefusal;
      if (!isRefusal && performance.now() - answeredAt < awayMs) continue;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new UploadError(`${recordingId} is being imported, and what becomes of it is not known: ${reason}`, {
        cause,
      });
    }
  }
  if (state.status === 'failed') throw new UploadError(`${state.recordingId}: ${state.problem ?? 'failed'}`);
  return state;
}

/** Links to files are files here, as where a folder is imported without a service. */
async function isFile(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

async function ask(url: URL, request: RequestInit): Promise<ImportState> {
  const response = await fetch(url, request).catch((cause: unknown) => {
    throw new UploadError(`${url.origin} does not answer`, { cause });
  });
  if (response.ok) return (await response.json()) as ImportState;
  const problem = (await response.json().catch(() => ({}))) as Partial<ProblemDetails>;
  const isRefusal = response.status < 500 && response.status !== 429;
  throw new UploadError(problem.detail ?? `${url.origin} answered ${response.status}`, { isRefusal });
}
