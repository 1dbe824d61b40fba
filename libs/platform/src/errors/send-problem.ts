import type { ServerResponse } from 'node:http';
import type { ProblemError } from './problem-error.ts';

/** Answers a request with a problem document. */
export function sendProblem(response: ServerResponse, problem: ProblemError, requestId: string): void {
  const body = JSON.stringify(problem.toDetails(requestId));
  for (const name of ['etag', 'cache-control', 'content-encoding', 'content-range', 'last-modified'])
    response.removeHeader(name);
  response.writeHead(problem.status, {
    'cache-control': 'no-store',
    ...problem.options.headers,
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
