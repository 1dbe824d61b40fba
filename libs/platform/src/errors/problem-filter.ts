import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ObjectNotFoundError } from '@rushes/object-store';
import { allowedMethods } from '../http/allowed-methods.ts';
import { requestIdOf } from '../http/request-id.ts';
import { LOGGER, type Logger } from '../logging/logger.ts';
import { ProblemError } from './problem-error.ts';
import { sendProblem } from './send-problem.ts';
import { unavailableFor } from './unavailable.ts';

/** Turns whatever a handler throws into `application/problem+json`. Unexpected errors are logged whole and told as nothing. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const problem = toProblem(error, request);
    if (problem.status === 503) {
      this.logger.warn({ err: error, method: request.method, path: request.path }, 'request cannot be answered now');
    } else if (problem.status >= 500) {
      this.logger.error({ err: error, method: request.method, path: request.path }, 'request failed');
    }
    // A body that has begun cannot be answered otherwise any more: the caller must see that it is cut off.
    if (response.headersSent) response.destroy();
    else sendProblem(response, problem, requestIdOf(request));
  }
}

function toProblem(error: unknown, request: Request): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof ObjectNotFoundError) {
    return new ProblemError(404, 'object-not-found', 'There is no such object.', [], { cause: error });
  }
  if (error instanceof HttpException) return fromNest(error, request);
  const retryAfterMs = unavailableFor(error);
  if (retryAfterMs !== undefined) return unavailable(retryAfterMs, error);
  return new ProblemError(
    500,
    'internal-error',
    'Something went wrong here; the log has it under the request id.',
    [],
    {
      cause: error,
    },
  );
}

/** What this service depends on is away. Which part is for the log: the caller can only try again. */
export function unavailable(retryAfterMs: number, cause: unknown): ProblemError {
  const seconds = String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
  return new ProblemError(503, 'temporarily-unavailable', 'This cannot be answered at the moment: try again.', [], {
    cause,
    headers: { 'retry-after': seconds },
  });
}

/** Nest itself throws 404 for a route that is not there, and 400 for what it cannot decode. */
function fromNest(error: HttpException, request: Request): ProblemError {
  const status = error.getStatus();
  if (status !== 404) return new ProblemError(status, `http-${status}`, error.message, [], { cause: error });
  const methods = allowedMethods(request);
  if (methods.length === 0) return new ProblemError(404, 'path-not-found', 'There is nothing at this path.');
  return new ProblemError(405, 'method-not-allowed', `Expected ${methods.join(' or ')}.`, [], {
    headers: { allow: methods.join(', ') },
  });
}
