import { useEffect, useState } from 'preact/hooks';
import type { ApiClient } from '../api/client.ts';
import type { Export, ExportRequest } from '../api/types.ts';

const isOver = (job: Export) => job.status === 'done' || job.status === 'failed' || job.status === 'cancelled';

export type Exports = {
  /** The newest first. */
  jobs: Export[];
  error: unknown;
  start(request: ExportRequest): Promise<void>;
  cancel(exportId: string): Promise<void>;
};

/** The recording's exports, each followed until it is over. */
export function useExports(api: ApiClient, recordingId: string): Exports {
  const [jobs, setJobs] = useState<Export[]>([]);
  const [error, setError] = useState<unknown>();
  const put = (job: Export) =>
    setJobs((before) =>
      before.some((other) => other.exportId === job.exportId)
        ? before.map((other) => (other.exportId === job.exportId ? { ...other, ...job } : other))
        : [job, ...before],
    );

  useEffect(() => {
    api.listExports(recordingId).then((list) => list.toReversed().forEach(put), setError);
  }, [api, recordingId]);

  const running = jobs
    .filter((job) => !isOver(job))
    .map((job) => job.exportId)
    .sort()
    .join();
  useEffect(() => {
    const stops = running === '' ? [] : running.split(',').map((exportId) => api.followExport(exportId, put));
    return () => stops.forEach((stop) => stop());
  }, [api, running]);

  const attempt = async (action: () => Promise<void>) => {
    setError(undefined);
    try {
      await action();
    } catch (problem) {
      setError(problem);
    }
  };
  return {
    jobs,
    error,
    start: (request) => attempt(async () => put(await api.createExport(recordingId, request))),
    cancel: (exportId) =>
      attempt(async () => {
        await api.cancelExport(exportId);
        put(await api.getExport(exportId));
      }),
  };
}
