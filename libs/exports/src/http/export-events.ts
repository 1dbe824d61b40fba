import { setTimeout as pause } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { unavailableFor } from '@rushes/platform';
import type { Export } from '../schemas.ts';

const pollMs = 400;
const heartbeatMs = 15_000;
const reconnectMs = 2_000;

/**
 * Server-sent events of one export: its state at once, then whenever it changes, each as a message with the export's JSON. Ends
 * after a final state, and when `ending` is aborted: a client that reconnects, to this process or another, simply gets the state
 * as it is.
 */
export async function sendExportEvents(
  request: Request,
  response: Response,
  options: { read: () => Promise<Export | undefined>; ending: AbortSignal },
): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write(`retry: ${reconnectMs}\n\n`);
  const closed = new AbortController();
  request.once('close', () => closed.abort());
  response.once('close', () => closed.abort());
  const stop = AbortSignal.any([closed.signal, options.ending]);
  let last = '';
  let spokeAt = performance.now();
  let state: Export | undefined;
  while (!stop.aborted) {
    state = await readAgain(options.read, state);
    if (!state) break;
    const data = JSON.stringify(state);
    if (data !== last) {
      response.write(`id: ${Date.parse(state.updatedAt)}\ndata: ${data}\n\n`);
      last = data;
      spokeAt = performance.now();
    }
    if (state.status !== 'queued' && state.status !== 'running') break;
    if (performance.now() - spokeAt > heartbeatMs) {
      response.write(': still here\n\n');
      spokeAt = performance.now();
    }
    await pause(pollMs, undefined, { signal: stop }).catch(() => undefined);
  }
  response.end();
}

/** A database that is away changes nothing for a client that watches: browsers would not come back after an error. */
async function readAgain(
  read: () => Promise<Export | undefined>,
  last: Export | undefined,
): Promise<Export | undefined> {
  try {
    return await read();
  } catch (error) {
    if (last === undefined || unavailableFor(error) === undefined) throw error;
    return last;
  }
}
