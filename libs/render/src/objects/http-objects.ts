import type { RecordingObjects } from '../recording-objects.ts';

/** Objects under a base URL (with a slash at the end) of any server that knows ranges. */
export function httpObjects(baseUrl: string): RecordingObjects {
  return {
    async get(key, range) {
      const headers = range
        ? { range: `bytes=${range.start}-${range.end === undefined ? '' : range.end - 1}` }
        : undefined;
      const response = await fetch(baseUrl + key, headers ? { headers } : {});
      if (response.status === 404) return undefined;
      if (!response.ok || !response.body) throw new Error(`${key}: the server answered ${response.status}`);
      const total =
        /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1] ?? response.headers.get('content-length');
      return {
        sizeBytes: Number(total ?? 0),
        contentType: response.headers.get('content-type') ?? 'application/octet-stream',
        body: response.body,
      };
    },
  };
}
