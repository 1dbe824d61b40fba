import type { ExportRequest, RenderResult } from '@rushes/render';

/** What the export's process is told, once. */
export type JobMessage = {
  kind: 'job';
  request: ExportRequest;
  /** Where the parent serves the recording's objects, and nothing else; with a slash at the end. */
  objectsUrl: string;
  workFolder: string;
  outputFile: string;
};

/** What it says. */
export type ChildMessage =
  | { kind: 'progress'; progress: number }
  | { kind: 'done'; result: RenderResult }
  | { kind: 'failed'; code: string; message: string; retriable: boolean };
