import { importHoldMs, type Logger } from '@rushes/platform';
import type { RecordingId } from '@rushes/timeline';
import type { ImportRows } from './import-rows.ts';

/** Says while an import goes on that it does, so that nobody takes it for dead. To be released in the end. */
export class ImportHold {
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;

  /** @param recordingId of a row that has begun */
  constructor(
    private readonly recordingId: RecordingId,
    private readonly rows: ImportRows,
    private readonly logger: Logger,
  ) {
    this.#timer = setInterval(() => void this.prolong(), importHoldMs / 6);
  }

  /** Aborted when the recording was taken for dead all the same, or was removed. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  release(): void {
    clearInterval(this.#timer);
  }

  private async prolong(): Promise<void> {
    const { recordingId } = this;
    try {
      if (!(await this.rows.hold(recordingId))) this.#lost.abort(lostError(recordingId));
    } catch (err) {
      this.logger.warn({ err, recordingId }, 'an import could not say that it goes on');
    }
  }
}

/** Why an import gives up whose recording is no longer its own. */
export function lostError(recordingId: RecordingId): Error {
  return new Error(`recording ${recordingId} was taken for dead, or removed`);
}
