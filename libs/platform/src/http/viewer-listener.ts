import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { drainServer } from './drain-server.ts';
import { markViewerRequest } from './listener.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** The second listener: the same application, seen through `viewerFilter`. */
@Injectable()
export class ViewerListener {
  #server: Server | undefined;

  constructor(@Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost) {}

  /** Resolves with the port bound. @throws when the port is taken */
  async listen(port: number, host: string): Promise<number> {
    const handle = this.adapterHost.httpAdapter.getInstance<Handler>();
    const server = createServer((request, response) => {
      markViewerRequest(request);
      handle(request, response);
    });
    this.#server = server;
    server.listen(port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** Takes no more requests, and waits up to `drainMs` for those that run. */
  async close(drainMs: number): Promise<void> {
    if (this.#server) await drainServer(this.#server, drainMs);
  }
}
