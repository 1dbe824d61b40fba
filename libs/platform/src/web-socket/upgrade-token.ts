import type { IncomingMessage } from 'node:http';

/** The `?token=` of an upgrade request: browsers cannot set headers on WebSockets. */
export function upgradeToken(request: IncomingMessage): string | undefined {
  return new URL(request.url ?? '/', 'http://localhost').searchParams.get('token') ?? undefined;
}
