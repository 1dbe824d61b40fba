import { once } from 'node:events';
import type { Server } from 'node:http';

/** Takes no more connections and waits for the requests that run; after `drainMs` they are cut off. Idempotent. */
export async function drainServer(server: Server, drainMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  const timer = setTimeout(() => server.closeAllConnections(), drainMs);
  server.close();
  server.closeIdleConnections();
  await closed;
  clearTimeout(timer);
}
