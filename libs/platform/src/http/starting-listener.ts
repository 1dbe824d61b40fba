import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { ProblemError } from '../errors/problem-error.ts';
import { sendProblem } from '../errors/send-problem.ts';
import { requestIdOf } from './request-id.ts';

/**
 * Stands on the main port while a process starts, which takes as long as what it connects to: tells orchestrators that it
 * lives and is not ready, and everybody else to come back. Closed before the application takes the port.
 */
export class StartingListener {
  readonly #server: Server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/health/live' || path === '/health/ready') {
      const isLive = path === '/health/live';
      const body = JSON.stringify(isLive ? { status: 'ok' } : { status: 'failing', checks: { starting: 'failing' } });
      response.writeHead(isLive ? 200 : 503, { 'content-type': 'application/json', connection: 'close' });
      response.end(body);
      return;
    }
    response.setHeader('connection', 'close');
    sendProblem(
      response,
      new ProblemError(503, 'starting', 'The service starts: try again.', [], { headers: { 'retry-after': '2' } }),
      requestIdOf(request),
    );
  });

  /** @throws when the port is taken */
  async listen(port: number, host: string): Promise<void> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
