import { openAsBlob } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ImportState } from '@rushes/imports';
import type { ProblemDetails } from '@rushes/platform';

/** A service refused an upload. */
export class UploadError extends Error {
  readonly code = 'upload-refused';
  readonly retriable = false;
}

const pollMs = 1_000;

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
    // Read as it is sent, not before.
    if (entry.isFile() && !isHidden) form.append('file', await openAsBlob(join(folder, name)), name);
  }
  let state = await ask(new URL('/v1/imports', url), { method: 'POST', headers, body: form });
  while (state.status === 'running') {
    await pause(pollMs);
    state = await ask(new URL(`/v1/imports/${state.recordingId}`, url), { headers });
  }
  if (state.status === 'failed') throw new UploadError(`${state.recordingId}: ${state.problem ?? 'failed'}`);
  return state;
}

async function ask(url: URL, request: RequestInit): Promise<ImportState> {
  const response = await fetch(url, request).catch((cause: unknown) => {
    throw new UploadError(`${url.origin} does not answer`, { cause });
  });
  if (response.ok) return (await response.json()) as ImportState;
  const problem = (await response.json().catch(() => ({}))) as Partial<ProblemDetails>;
  throw new UploadError(problem.detail ?? `${url.origin} answered ${response.status}`);
}
