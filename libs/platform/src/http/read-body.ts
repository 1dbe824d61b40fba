import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { ProblemError } from '../errors/problem-error.ts';
import { sendProblem } from '../errors/send-problem.ts';
import { requestIdOf } from './request-id.ts';

/** Largest JSON body the API takes, in bytes. */
export const maxBodyBytes = 64 * 1024;

/** Routes that read their bodies themselves, as they come. */
const uploads = new Set(['/v1/imports']);

/** Reads JSON bodies; answers 413, 415 or 400 itself when a body is too large, something else, or broken. */
export function readBody(): RequestHandler {
  const json = express.json({ limit: maxBodyBytes, strict: false, type: () => true });
  return (request: Request, response: Response, next: NextFunction) => {
    if (!hasBody(request) || uploads.has(request.path)) {
      next();
      return;
    }
    const refuse = (problem: ProblemError) => sendProblem(response, problem, requestIdOf(request));
    if (!request.is(['application/json', 'application/*+json'])) {
      refuse(new ProblemError(415, 'content-type-unsupported', 'Expected a body of content-type application/json.'));
      return;
    }
    json(request, response, (error?: unknown) => {
      if (error === undefined) next();
      else refuse(bodyProblem(error));
    });
  };
}

function hasBody(request: Request): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}

function bodyProblem(error: unknown): ProblemError {
  const { status, message } = error as { status?: number; message?: string };
  switch (status) {
    case 413:
      return new ProblemError(413, 'body-too-large', `Expected at most ${maxBodyBytes} bytes.`);
    case 415:
      return new ProblemError(
        415,
        'content-encoding-unsupported',
        'Expected UTF-8, plain or compressed with gzip, deflate or br.',
      );
    default:
      return new ProblemError(400, 'json-invalid', `Expected JSON: ${message ?? 'unreadable'}`, [
        { field: 'body', expected: 'JSON' },
      ]);
  }
}
