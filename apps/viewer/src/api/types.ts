/** As the API answers; see /openapi.json. */
export type Recording = {
  recordingId: string;
  roomId: string;
  title: string | null;
  status: 'recording' | 'processing' | 'ready' | 'failed';
  /** null while it runs; `imported`: another recorder made it. */
  endReason: string | null;
  /** Epoch milliseconds. */
  recordedAt: number;
  durationMs: number | null;
};

export type RecordingList = { recordings: Recording[]; nextCursor: string | null };

export type ExportStatus = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export type ExportRequest = {
  perspective: string;
  layout: 'grid' | 'speaker';
  width: number;
  height: number;
  fps: number;
};

export type Export = {
  exportId: string;
  recordingId: string;
  status: ExportStatus;
  request: ExportRequest;
  /** 0 to 1. */
  progress: number;
  error?: { code: string; message: string } | null;
};
