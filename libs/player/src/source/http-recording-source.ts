import { decodeChunk, manifestSchema, TimelineError, type Chunk, type ChunkRef, type Manifest } from '@rushes/timeline';
import { PlayerError } from '../player-error.ts';
import type { RecordingSource } from '../types.ts';

/**
 * Reads a recording from any web server that has its folder: keys are relative to the manifest's URL. The manifest
 * URL's query (a `?token=`) is carried on to everything else. A running recording's manifest is asked for again with
 * its ETag, so that an unchanged one costs no body.
 */
export class HttpRecordingSource implements RecordingSource {
  readonly #manifestUrl: URL;
  #known: { etag: string; manifest: Manifest } | undefined;

  /** `manifestUrl` is absolute; `token`, when given, becomes its `?token=`. */
  constructor(options: { manifestUrl: string; token?: string }) {
    this.#manifestUrl = new URL(options.manifestUrl);
    if (options.token !== undefined) this.#manifestUrl.searchParams.set('token', options.token);
  }

  /** @throws PlayerError when it cannot be had or is not a manifest. */
  async loadManifest(): Promise<Manifest> {
    const headers: Record<string, string> = this.#known ? { 'If-None-Match': this.#known.etag } : {};
    const response = await request(this.#manifestUrl.href, { headers });
    if (response.status === 304 && this.#known) return this.#known.manifest;
    const result = manifestSchema.safeParse(await response.json().catch(() => undefined));
    if (!result.success) {
      const issue = result.error.issues[0];
      const where = issue ? `${issue.path.join('.')}: ${issue.message}` : 'expected a manifest';
      throw new PlayerError('recording-invalid', `manifest.json ${where}`, false, { cause: result.error });
    }
    const etag = response.headers.get('ETag');
    this.#known = etag === null ? undefined : { etag, manifest: result.data };
    return result.data;
  }

  /** @throws PlayerError when it cannot be had or is not a chunk. */
  async loadChunk(ref: ChunkRef): Promise<Chunk> {
    const response = await request(this.urlOf(ref.key), {});
    try {
      return decodeChunk(new Uint8Array(await response.arrayBuffer()));
    } catch (cause) {
      if (!(cause instanceof TimelineError)) throw unreachable(ref.key, cause);
      throw new PlayerError('recording-invalid', `${ref.key}: ${cause.message}`, false, { cause });
    }
  }

  urlOf(key: string): string {
    const url = new URL(key, this.#manifestUrl);
    url.search = this.#manifestUrl.search;
    return url.href;
  }
}

async function request(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, credentials: 'same-origin' });
  } catch (cause) {
    throw unreachable(new URL(url).pathname, cause);
  }
  if (response.ok || response.status === 304) return response;
  const path = new URL(url).pathname;
  if (response.status === 401 || response.status === 403) {
    throw new PlayerError(
      'unauthorised',
      `${path}: the link's access has expired or does not cover this recording`,
      false,
    );
  }
  if (response.status === 404) throw new PlayerError('not-found', `${path}: there is no such recording object`, false);
  throw new PlayerError('unreachable', `${path}: the server answered ${response.status}`, response.status >= 500);
}

function unreachable(what: string, cause: unknown): PlayerError {
  return new PlayerError('unreachable', `${what}: the server cannot be reached`, true, { cause });
}
