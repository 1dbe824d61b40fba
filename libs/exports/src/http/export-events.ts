import type { Request, Response } from 'express';
import type { Export } from '../schemas.ts';

const pollMs = 400;
const heartbeatMs = 15_000;

/**
 * Server-sent events of one export: its state at once, then whenever it changes, each as a message with the export's JSON. Ends
 * after a final state. A client that reconnects (`Last-Event-ID`) simply gets the state as it is.
 */
export async function sendExportEvents(
  request: Request,
  response: Response,
  read: () => Promise<Export | undefined>,
): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write('retry: 2000\n\n');
  const closed = new AbortController();
  request.once('close', () => closed.abort());
  response.once('close', () => closed.abort());
  let last = '';
  let spokeAt = performance.now();
  while (!closed.signal.aborted) {
    const state = await read();
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
    await pause(pollMs, closed.signal);
  }
  response.end();
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
