import type { ExportRequest } from './export-request.ts';
import type { RecordingObjects } from './recording-objects.ts';
import type { RenderResult } from './render-result.ts';

export type RenderOptions = {
  objects: RecordingObjects;
  request: ExportRequest;
  /**
   * Folder for what is half done. A later call for the same job finds the chunks that an earlier, killed one had
   * finished; the caller removes it when the job is over.
   */
  workFolder: string;
  /** The MP4; appears when it is complete and verified. */
  outputFile: string;
  /** Encoders at once. Default: the machine's cores. */
  parallel?: number;
  /** Rejects with the signal's reason; browser and encoders are killed. */
  signal?: AbortSignal;
  /** From 0 to 1. */
  onProgress?(progress: number): void;
};

/**
 * Makes the MP4 of a recording: plates from the browser, pictures and sound from the tracks.
 *
 * @throws RenderError; the signal's reason when aborted.
 */
export async function renderExport(options: RenderOptions): Promise<RenderResult> {
  options.signal?.throwIfAborted();
  throw new Error('not there yet');
}
