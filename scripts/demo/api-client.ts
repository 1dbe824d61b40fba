import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { manifestSchema, type Manifest, type RecordingId } from '@rushes/timeline';

export type TokenRequest =
  | { scope: 'meeting'; roomId: string; participantId?: string; name?: string; role: 'host' | 'guest' }
  | { scope: 'capture'; recordingId: string; participantId: string }
  | { scope: 'viewer'; recordingId?: string; canExport: boolean };

export type ExportStatus = {
  exportId: string;
  status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  progress: number;
  error?: { detail?: string; message?: string } | null;
  result?: Record<string, unknown> | null;
};

/** The few calls of the HTTP API that the demo and the end-to-end tests make, with the API key. */
export class ApiClient {
  constructor(
    readonly url: string,
    readonly apiKey: string,
  ) {}

  /** @throws Error with method, path, status and body for anything but 2xx. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.apiKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async issueToken(request: TokenRequest): Promise<string> {
    return (await this.call<{ token: string }>('POST', '/v1/tokens', request)).token;
  }

  async manifest(recordingId: RecordingId): Promise<Manifest> {
    return manifestSchema.parse(await this.call('GET', `/v1/recordings/${recordingId}/manifest.json`));
  }

  /** Resolves with the manifest when every part of the recording is at rest. */
  async whenRecordingReady(recordingId: RecordingId, timeoutMs = 120_000): Promise<Manifest> {
    return poll(timeoutMs, `recording ${recordingId} was not ready in time`, async () => {
      const { status } = await this.call<{ status: string }>('GET', `/v1/recordings/${recordingId}`);
      if (status === 'failed') throw new Error(`recording ${recordingId} failed`);
      return status === 'ready' ? this.manifest(recordingId) : undefined;
    });
  }

  async createExport(recordingId: RecordingId, request: Record<string, unknown>): Promise<string> {
    return (await this.call<ExportStatus>('POST', `/v1/recordings/${recordingId}/exports`, request)).exportId;
  }

  async whenExportDone(exportId: string, timeoutMs = 600_000): Promise<ExportStatus> {
    return poll(timeoutMs, `export ${exportId} was not done in time`, async () => {
      const found = await this.call<ExportStatus>('GET', `/v1/exports/${exportId}`);
      if (found.status === 'failed' || found.status === 'cancelled') {
        throw new Error(`export ${exportId} ${found.status}: ${JSON.stringify(found.error)}`);
      }
      return found.status === 'done' ? found : undefined;
    });
  }

  async download(path: string, file: string): Promise<void> {
    const response = await fetch(this.url + path, { headers: { authorization: `Bearer ${this.apiKey}` } });
    if (!response.ok || !response.body) throw new Error(`GET ${path} answered ${response.status}`);
    await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(file));
  }
}

/** Asks until there is an answer. */
export async function poll<T>(timeoutMs: number, complaint: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(complaint);
}
