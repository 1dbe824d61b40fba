import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { ProblemError } from '../errors/problem-error.ts';
import { sendProblem } from '../errors/send-problem.ts';
import { isViewerRequest } from './listener.ts';
import { requestIdOf } from './request-id.ts';

const readOnly = ['GET', 'HEAD', 'OPTIONS'];

/** All of the API that the viewer's origin has: a page that breaks out of its sandbox finds nothing else there. */
const viewerApi: readonly { methods: readonly string[]; path: RegExp }[] = [
  { methods: readOnly, path: /^\/v1\/recordings(\/.*)?$/ },
  { methods: ['POST'], path: /^\/v1\/recordings\/[^/]+\/exports$/ },
  { methods: readOnly, path: /^\/v1\/exports\/.+$/ },
  { methods: ['DELETE'], path: /^\/v1\/exports\/[^/]+$/ },
];

/** Closes the viewer port to everything but the viewer's pages and {@link viewerApi}. Comes after the pages. */
export function viewerFilter(): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const isOpen =
      !isViewerRequest(request) ||
      viewerApi.some(({ methods, path }) => methods.includes(request.method) && path.test(request.path));
    if (isOpen) next();
    else
      sendProblem(
        response,
        new ProblemError(404, 'path-not-found', 'There is nothing at this path on the viewer port.'),
        requestIdOf(request),
      );
  };
}
