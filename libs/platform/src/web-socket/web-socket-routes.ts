import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ProblemError } from '../errors/problem-error.ts';
import { unavailable } from '../errors/problem-filter.ts';
import { unavailableFor } from '../errors/unavailable.ts';
import { requestIdOf } from '../http/request-id.ts';
import { LOGGER, type Logger } from '../logging/logger.ts';
import { runWithContext } from '../logging/work-context.ts';

export type WebSocketRoute<Context> = {
  /** A larger message closes the socket with 1009. */
  maxPayloadBytes: number;
  /** Says who connects; what it throws (`ProblemError`) refuses the upgrade. Any origin may connect: the token protects. */
  authorise(request: IncomingMessage): Promise<Context>;
  /** Owns `socket` from here on; must handle its `error` events no more than it wants to. */
  onConnection(socket: WebSocket, context: Context): void;
};

/** A socket that has not answered a ping for this long is dead. */
const heartbeatMs = 15_000;

/** How long a page may take to answer the closing of its socket. */
const farewellMs = 1_000;

/** After which whoever comes while the process ends may try again, and finds another one. */
const reconnectMs = 1_000;

type Route = WebSocketRoute<unknown> & { server: WebSocketServer };

/** The WebSocket paths of the main HTTP server. Anything wrong with an upgrade is answered as a problem document. */
@Injectable()
export class WebSocketRoutes implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #routes = new Map<string, Route>();
  readonly #alive = new WeakSet<WebSocket>();
  #heartbeat: NodeJS.Timeout | undefined;
  #isClosing = false;

  constructor(
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws Error when the path is taken */
  register<Context>(path: string, route: WebSocketRoute<Context>): void {
    if (this.#routes.has(path)) throw new Error(`WebSocket path ${path} is already registered`);
    const server = new WebSocketServer({
      noServer: true,
      maxPayload: route.maxPayloadBytes,
      perMessageDeflate: false,
    });
    this.#routes.set(path, { ...(route as WebSocketRoute<unknown>), server });
  }

  onApplicationBootstrap(): void {
    const server = this.adapterHost.httpAdapter.getHttpServer() as Server;
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const requestId = requestIdOf(request);
      void runWithContext({ requestId }, () => this.upgrade(request, socket, head, requestId));
    });
    this.#heartbeat = setInterval(() => this.ping(), heartbeatMs);
    this.#heartbeat.unref();
  }

  /** Tells every page that the server goes (1001), so that it reconnects elsewhere; resolves when all have gone. Idempotent. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#heartbeat);
    const sockets = [...this.#routes.values()].flatMap(({ server }) => [...server.clients]);
    const timer = setTimeout(() => sockets.forEach((socket) => socket.terminate()), farewellMs);
    await Promise.all(sockets.map((socket) => sayGoodbye(socket)));
    clearTimeout(timer);
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.close();
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, requestId: string): Promise<void> {
    const onEarlyError = (err: Error) => this.logger.debug({ err }, 'connection lost during upgrade');
    socket.on('error', onEarlyError);
    try {
      const { route, context } = await this.admit(request);
      socket.removeListener('error', onEarlyError);
      route.server.handleUpgrade(request, socket, head, (webSocket) => this.accept(webSocket, route, context));
    } catch (cause) {
      const problem = toProblem(cause);
      if (problem.status === 503) this.logger.warn({ err: cause }, 'upgrade cannot be answered now');
      else if (problem.status >= 500) this.logger.error({ err: cause }, 'upgrade failed');
      else this.logger.info({ code: problem.code, status: problem.status }, 'upgrade refused');
      refuse(socket, problem, requestId);
    }
  }

  private async admit(request: IncomingMessage): Promise<{ route: Route; context: unknown }> {
    if (this.#isClosing) throw unavailable(reconnectMs, new Error('the server ends'));
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const route = this.#routes.get(path);
    if (!route) throw new ProblemError(404, 'path-not-found', 'There is no WebSocket at this path.');
    return { route, context: await route.authorise(request) };
  }

  private accept(socket: WebSocket, route: Route, context: unknown): void {
    this.#alive.add(socket);
    socket.on('pong', () => this.#alive.add(socket));
    socket.on('error', (err) => this.logger.info({ err }, 'socket failed'));
    route.onConnection(socket, context);
  }

  private ping(): void {
    for (const { server } of this.#routes.values()) {
      for (const socket of server.clients) {
        if (!this.#alive.has(socket)) {
          socket.terminate();
          continue;
        }
        this.#alive.delete(socket);
        socket.ping();
      }
    }
  }
}

function sayGoodbye(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.close(1001, 'server ends');
  });
}

function toProblem(cause: unknown): ProblemError {
  if (cause instanceof ProblemError) return cause;
  const retryAfterMs = unavailableFor(cause);
  if (retryAfterMs !== undefined) return unavailable(retryAfterMs, cause);
  return new ProblemError(500, 'internal-error', 'Something went wrong here.', [], { cause });
}

function refuse(socket: Duplex, problem: ProblemError, requestId: string): void {
  const body = JSON.stringify(problem.toDetails(requestId));
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Error'}`,
      'Connection: close',
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      ...Object.entries(problem.options.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
      '',
      body,
    ].join('\r\n'),
  );
}
