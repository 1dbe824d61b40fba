import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findFreePorts } from '../../scripts/services/free-ports.ts';
import { toolPaths } from '../../scripts/services/index.ts';
import { describeWith } from '../fixtures/services.ts';

/** A service that answers with its name, and says whether it is ready. */
type NamedService = { name: string; port: number; server: Server; isReady: boolean };

describeWith('haproxy', 'The balancer', () => {
  let services: NamedService[];
  let balancer: ChildProcess;
  let url: string;
  let viewerUrl: string;

  beforeEach(async () => {
    services = await Promise.all(['gateway-1', 'gateway-2', 'recorder-1', 'api-1', 'viewer-1'].map(startNamed));
    const [gateway1, gateway2, recorder, api, viewer] = services.map(({ port }) => `127.0.0.1:${port}`);
    const [http, viewerBind] = (await findFreePorts(2)).map((port) => `127.0.0.1:${port}`);
    [url, viewerUrl] = [`http://${http}`, `http://${viewerBind}`];
    balancer = spawn(toolPaths.haproxy, ['-db', '-f', 'deploy/haproxy.cfg'], {
      env: {
        BALANCER_HTTP: http,
        BALANCER_VIEWER: viewerBind,
        GATEWAY_1: gateway1,
        GATEWAY_2: gateway2,
        RECORDER_1: recorder,
        API_1: api,
        API_VIEWER_1: viewer,
      },
      stdio: 'ignore',
    });
    await vi.waitFor(async () => expect(await ask('/')).toBe('api-1'), 10_000);
  });

  afterEach(async () => {
    const ended = once(balancer, 'exit');
    balancer.kill('SIGTERM');
    await ended;
    for (const { server } of services) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('sends captures to gateways, rooms to recorders, the rest to the API, and the viewer’s port to its listener', async () => {
    expect(['gateway-1', 'gateway-2']).toContain(await ask('/v1/capture?token=x'));
    expect(await ask('/v1/rooms?token=x')).toBe('recorder-1');
    expect(await ask('/v1/rooms/access?token=x')).toBe('recorder-1');
    expect(await ask('/v1/roomsandmore')).toBe('api-1');
    expect(await ask('/v1/recordings')).toBe('api-1');
    expect(await ask('/r/1', viewerUrl)).toBe('viewer-1');
  });

  it('sends nothing new to a gateway that drains, and to it again once it is ready', async () => {
    const draining = services[0]!;
    draining.isReady = false;
    await vi.waitFor(async () => expect(await whoAnswers('/v1/capture')).toEqual(['gateway-2']), 5_000);
    draining.isReady = true;
    await vi.waitFor(async () => expect(await whoAnswers('/v1/capture')).toEqual(['gateway-1', 'gateway-2']), 5_000);
  });

  it('loses no request to a gateway that has just died', async () => {
    await Promise.all([ask('/v1/capture'), ask('/v1/capture')]);
    services[0]!.server.closeAllConnections();
    services[0]!.server.close();
    expect(await whoAnswers('/v1/capture')).toEqual(['gateway-2']);
  });

  it('says itself, as a problem that may be retried, that nobody is ready', async () => {
    services[2]!.isReady = false;
    await vi.waitFor(async () => {
      const response = await fetch(`${url}/v1/rooms`);
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('2');
      expect(await response.json()).toMatchObject({ status: 503, code: 'unavailable' });
    }, 5_000);
  });

  async function ask(path: string, base = url): Promise<string> {
    const response = await fetch(`${base}${path}`);
    return response.text();
  }

  /** The names of who answers eight requests. */
  async function whoAnswers(path: string): Promise<string[]> {
    const names = await Promise.all(Array.from({ length: 8 }, () => ask(path)));
    return [...new Set(names)].sort();
  }
});

async function startNamed(name: string): Promise<NamedService> {
  const server = createServer((request, response) => {
    if (request.url === '/health/ready') response.writeHead(service.isReady ? 200 : 503).end();
    else response.end(name);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const service: NamedService = { name, port, server, isReady: true };
  return service;
}
