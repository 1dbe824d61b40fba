import { ApiProblem } from './problem.ts';
import type { Export, ExportRequest, Recording, RecordingList } from './types.ts';

const finished = new Set(['done', 'failed', 'cancelled']);

/** The API, asked with the viewer's token. All methods throw {@link ApiProblem}. */
export class ApiClient {
  constructor(readonly token: string) {}

  listRecordings(cursor?: string): Promise<RecordingList> {
    const query = new URLSearchParams({ limit: '24', ...(cursor === undefined ? {} : { cursor }) });
    return this.#json(`/v1/recordings?${query}`);
  }

  getRecording(recordingId: string): Promise<Recording> {
    return this.#json(`/v1/recordings/${encodeURIComponent(recordingId)}`);
  }

  manifestUrl(recordingId: string): string {
    return `/v1/recordings/${encodeURIComponent(recordingId)}/manifest.json`;
  }

  /** Names of those who took part, as the manifest has them. */
  async participantNames(recordingId: string): Promise<string[]> {
    const manifest = await this.#json<{ participants: { name: string }[] }>(this.manifestUrl(recordingId));
    return manifest.participants.map((participant) => participant.name);
  }

  async listExports(recordingId: string): Promise<Export[]> {
    const body = await this.#json<Export[] | { exports: Export[] }>(
      `/v1/recordings/${encodeURIComponent(recordingId)}/exports`,
    );
    return Array.isArray(body) ? body : body.exports;
  }

  createExport(recordingId: string, request: ExportRequest): Promise<Export> {
    return this.#json(`/v1/recordings/${encodeURIComponent(recordingId)}/exports`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
  }

  getExport(exportId: string): Promise<Export> {
    return this.#json(`/v1/exports/${encodeURIComponent(exportId)}`);
  }

  async cancelExport(exportId: string): Promise<void> {
    await this.#request(`/v1/exports/${encodeURIComponent(exportId)}`, { method: 'DELETE' });
  }

  /** A URL for `<video>` and, with `isDownload`, for links that save the file: neither sends a header. */
  exportFileUrl(exportId: string, isDownload = false): string {
    const query = `token=${encodeURIComponent(this.token)}${isDownload ? '&download' : ''}`;
    return `/v1/exports/${encodeURIComponent(exportId)}/file?${query}`;
  }

  /**
   * Tells `onChange` of every change until the export is over. Follows the server's events; when they break off, it
   * asks once and goes on following, unless the server refuses: then it tells `onRefused` and stops. Returns a function that stops.
   */
  followExport(
    exportId: string,
    onChange: (change: Export) => void,
    onRefused: (problem: ApiProblem) => void,
  ): () => void {
    const url = `/v1/exports/${encodeURIComponent(exportId)}/events?token=${encodeURIComponent(this.token)}`;
    const events = new EventSource(url);
    let isStopped = false;
    const stop = () => {
      isStopped = true;
      events.close();
    };
    const take = (change: Export) => {
      if (finished.has(change.status)) stop();
      onChange(change);
    };
    events.addEventListener('message', (event: MessageEvent<string>) => take(JSON.parse(event.data) as Export));
    events.addEventListener('error', () => {
      this.getExport(exportId).then(take, (problem: unknown) => {
        const isRefusal = problem instanceof ApiProblem && problem.status >= 400 && problem.status < 500;
        if (!isRefusal || isStopped) return;
        stop();
        onRefused(problem);
      });
    });
    return stop;
  }

  async #json<T>(path: string, init: RequestInit = {}): Promise<T> {
    const response = await this.#request(path, init);
    return (await response.json()) as T;
  }

  async #request(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string> | undefined), authorization: `Bearer ${this.token}` };
    let response: Response;
    try {
      response = await fetch(path, { ...init, headers });
    } catch (cause) {
      throw ApiProblem.unreachable(cause);
    }
    if (!response.ok) throw await ApiProblem.from(response);
    return response;
  }
}
