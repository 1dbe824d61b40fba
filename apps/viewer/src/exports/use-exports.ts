import { useEffect, useState } from 'preact/hooks';
import type { ApiClient } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import type { Export, ExportRequest } from '../api/types.ts';

const isOver = (job: Export) => job.status === 'done' || job.status === 'failed' || job.status === 'cancelled';

export type Exports = {
  /** The newest first. */
  jobs: Export[];
  error: unknown;
  start(request: ExportRequest): Promise<void>;
  cancel(exportId: string): Promise<void>;
};

/** The recording's exports, each followed until it is over. `onDeleted`: the recording is gone, and they with it. */
export function useExports(api: ApiClient, recordingId: string, onDeleted: () => void): Exports {
  const [jobs, setJobs] = useState<Export[]>([]);
  const [error, setError] = useState<unknown>();
  const fail = (problem: unknown) => {
    const isGone = problem instanceof ApiProblem && problem.status === 404;
    if (!isGone) return setError(problem);
    // Of an export alone there is nothing to be deleted: only the recording takes it along.
    api.getRecording(recordingId).then(
      () => setError(problem),
      (again: unknown) => (again instanceof ApiProblem && again.status === 404 ? onDeleted() : setError(again)),
    );
  };
  const put = (job: Export) =>
    setJobs((before) =>
      before.some((other) => other.exportId === job.exportId)
        ? before.map((other) => (other.exportId === job.exportId ? { ...other, ...job } : other))
        : [job, ...before],
    );

  useEffect(() => {
    api.listExports(recordingId).then((list) => list.toReversed().forEach(put), fail);
  }, [api, recordingId]);

  const running = jobs
    .filter((job) => !isOver(job))
    .map((job) => job.exportId)
    .sort()
    .join();
  useEffect(() => {
    const stops = running === '' ? [] : running.split(',').map((exportId) => api.followExport(exportId, put, fail));
    return () => stops.forEach((stop) => stop());
  }, [api, running]);

  const attempt = async (action: () => Promise<void>) => {
    setError(undefined);
    try {
      await action();
    } catch (problem) {
      fail(problem);
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
