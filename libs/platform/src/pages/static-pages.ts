import { join } from 'node:path';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { Config } from '../config/config.ts';
import { ProblemError } from '../errors/problem-error.ts';
import { sendProblem } from '../errors/send-problem.ts';
import { isViewerRequest } from '../http/listener.ts';
import { requestIdOf } from '../http/request-id.ts';
import { meetingPolicy, viewerPolicy } from './content-security-policy.ts';
import { objectStoreOrigin } from './object-store-origin.ts';

export type StaticPage = {
  /** Where it stands, with a slash at both ends. */
  path: string;
  /** Folder with the built files. */
  folder: string;
  listener: 'main' | 'viewer';
  headers: Readonly<Record<string, string>>;
};

const yearSeconds = 31_536_000;

/** The web pages of this product, as vite builds them into `webDir`. */
export function productPages(
  config: Pick<Config, 'webDir' | 'publicUrl' | 'recorderOrigins' | 'isDownloadRedirected' | 's3'>,
): StaticPage[] {
  const origins = [new URL(config.publicUrl).origin, ...config.recorderOrigins];
  const webSocketOrigins = origins.map((origin) => origin.replace(/^http/, 'ws'));
  return [
    {
      path: '/meet/',
      folder: join(config.webDir, 'meeting'),
      listener: 'main',
      headers: {
        'content-security-policy': meetingPolicy(webSocketOrigins),
        'permissions-policy': 'camera=(self), microphone=(self), display-capture=(self)',
        'cross-origin-opener-policy': 'same-origin',
      },
    },
    {
      // Other people's pages import it.
      path: '/sdk/',
      folder: join(config.webDir, 'sdk'),
      listener: 'main',
      headers: { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' },
    },
    {
      path: '/',
      folder: join(config.webDir, 'viewer'),
      listener: 'viewer',
      headers: {
        'content-security-policy': viewerPolicy(config.isDownloadRedirected ? [objectStoreOrigin(config.s3)] : []),
        'permissions-policy': 'camera=(), microphone=(), display-capture=(), geolocation=()',
        'cross-origin-opener-policy': 'same-origin',
      },
    },
  ];
}

/** Serves a page's files; what is not among them goes on to the API. */
export function serveStaticPage({ path, folder, listener, headers }: StaticPage): RequestHandler {
  const files = express.static(folder, {
    index: 'index.html',
    redirect: false,
    dotfiles: 'ignore',
    setHeaders: (response: Response, file: string) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.setHeader('cache-control', cacheControlOf(file));
    },
  });
  return (request: Request, response: Response, next: NextFunction) => {
    if (isViewerRequest(request) !== (listener === 'viewer') || !['GET', 'HEAD'].includes(request.method)) {
      next();
      return;
    }
    if (`${request.path}/` === path) {
      response.redirect(308, path + request.url.slice(request.path.length));
      return;
    }
    if (!request.path.startsWith(path)) {
      next();
      return;
    }
    const full = request.url;
    request.url = full.slice(path.length - 1);
    files(request, response, (error?: unknown) => {
      request.url = full;
      if (error !== undefined || path === '/') next(error);
      else sendProblem(response, missing(request), requestIdOf(request));
    });
  };
}

/** Who opens the bare address of the API's listener is a person: the meeting page says what they need. */
export function sendHomeToMeeting(): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    if (request.path === '/' && request.method === 'GET' && !isViewerRequest(request)) response.redirect(302, '/meet/');
    else next();
  };
}

function missing(request: Request): ProblemError {
  return request.path.endsWith('/')
    ? new ProblemError(404, 'page-not-built', 'This page has not been built: run "npm run build".')
    : new ProblemError(404, 'path-not-found', 'There is nothing at this path.');
}

/** vite puts a hash of the content into the names under assets/: those never change. Everything else is asked for again. */
function cacheControlOf(file: string): string {
  return /[\\/]assets[\\/][^\\/]+-[\w-]{8,}\.\w+$/.test(file)
    ? `public, max-age=${yearSeconds}, immutable`
    : 'no-cache';
}
