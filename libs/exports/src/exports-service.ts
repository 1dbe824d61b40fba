import { Inject, Injectable } from '@nestjs/common';
import { ObjectNotFoundError, ObjectStore } from '@rushes/object-store';
import { newId, ProblemError } from '@rushes/platform';
import type { ExportRequest } from '@rushes/render';
import { manifestSchema, objectKeys, recordingPrefix } from '@rushes/timeline';
import type { ExportId, Manifest, RecordingId } from '@rushes/timeline';
import { ExportQueue } from './export-queue.ts';
import { ExportStore } from './export-store.ts';
import type { Export } from './schemas.ts';

/** Creates, reads and cancels exports. */
@Injectable()
export class ExportsService {
  constructor(
    @Inject(ExportStore) private readonly store: ExportStore,
    @Inject(ExportQueue) private readonly queue: ExportQueue,
    @Inject(ObjectStore) private readonly objects: ObjectStore,
  ) {}

  /** @throws ProblemError 404, 409 while the recording is not complete, 422 when the recording cannot give what is asked. */
  async create(recordingId: RecordingId, request: ExportRequest): Promise<Export> {
    const status = await this.store.recordingStatus(recordingId);
    if (status === undefined)
      throw new ProblemError(404, 'recording-not-found', `There is no recording ${recordingId}.`);
    if (status === 'recording') {
      throw new ProblemError(
        409,
        'recording-running',
        'The recording still runs: stop it, and export it when it is ready.',
      );
    }
    if (status === 'processing') {
      throw new ProblemError(
        409,
        'recording-processing',
        "The recording's files are still being made: try again when it is ready.",
      );
    }
    checkAgainst(await this.manifest(recordingId), request);
    await this.queue.prepare();
    const exportId = newId();
    return this.store.insert({ exportId, recordingId, request }, (client) => this.queue.request(exportId, client));
  }

  /** @throws ProblemError 404 */
  async get(exportId: ExportId): Promise<Export> {
    const found = await this.store.find(exportId);
    if (!found) throw new ProblemError(404, 'export-not-found', `There is no export ${exportId}.`);
    return found;
  }

  /** The newest first. @throws ProblemError 404 */
  async list(recordingId: RecordingId): Promise<Export[]> {
    if ((await this.store.recordingStatus(recordingId)) === undefined) {
      throw new ProblemError(404, 'recording-not-found', `There is no recording ${recordingId}.`);
    }
    return this.store.list(recordingId);
  }

  /** Cancelling what is cancelled already is no error. @throws ProblemError 404; 409 when it has ended otherwise. */
  async cancel(exportId: ExportId): Promise<Export> {
    const cancelled = await this.store.cancel(exportId);
    // Whoever renders it sees the row within half a second.
    if (cancelled) return cancelled;
    const found = await this.get(exportId);
    if (found.status === 'cancelled') return found;
    throw new ProblemError(409, 'export-ended', `The export is ${found.status} already.`);
  }

  private async manifest(recordingId: RecordingId): Promise<Manifest> {
    try {
      const bytes = await this.objects.read(recordingPrefix(recordingId) + objectKeys.manifest);
      return manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    } catch (cause) {
      if (!(cause instanceof ObjectNotFoundError)) throw cause;
      throw new ProblemError(409, 'recording-empty', 'The recording has no manifest: nothing of it was stored.', [], {
        cause,
      });
    }
  }
}

function checkAgainst(manifest: Manifest, request: ExportRequest): void {
  const known = manifest.perspectives.map(({ id }) => id);
  if (!known.includes(request.perspective)) {
    const expected = `one of ${known.join(', ') || 'none: the recording has no perspectives'}`;
    throw new ProblemError(
      422,
      'perspective-unknown',
      `The recording has no perspective ${request.perspective}; expected ${expected}.`,
      [{ field: 'body.perspective', expected }],
    );
  }
  const { durationMs } = manifest;
  if ((request.fromMs ?? 0) >= durationMs) {
    throw new ProblemError(
      422,
      'range-outside',
      `The recording is ${durationMs} ms long: nothing from ${request.fromMs ?? 0} ms on.`,
      [{ field: 'body.fromMs', expected: `below ${durationMs}` }],
    );
  }
}
