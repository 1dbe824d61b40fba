import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { markViewerRequest } from './listener.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** The second listener: the same application, seen through `viewerFilter`. */
@Injectable()
export class ViewerListener implements OnApplicationShutdown {
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

  async onApplicationShutdown(): Promise<void> {
    const server = this.#server;
    if (!server?.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    await closed;
  }
}
