import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { TestProject } from 'vitest/node';
import {
  findAbsent,
  readStateFile,
  RunningServices,
  serviceNames,
  startServices,
  stateFile,
  type Absences,
  type ServiceName,
} from '../services/index.ts';

/** What the tests are told of services and tools: where to ask for one, and why one cannot be had. */
export type ServicesOffer = { url: string; absent: Absences };

/**
 * vitest's global set-up of the integration tests. A service is started when the first test asks for it (`GET /kafka`
 * answers with its state) and is ended after the run, so who tests a page does not wait for Kafka. What
 * `npm run services` has started is used instead, except in CI, which starts its own.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const started = new Map<ServiceName, Promise<RunningServices>>();
  const server = createServer((request, response) => {
    const name = serviceNames.find((candidate) => request.url === `/${candidate}`);
    if (!name) return answer(response, 404, { message: `no service ${request.url}` });
    if (!started.has(name)) started.set(name, provideService(name));
    started.get(name)!.then(
      ({ state }) => answer(response, 200, state[name]),
      (error: unknown) => answer(response, 500, { message: String(error) }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server for services has no port');
  project.provide('services', { url: `http://127.0.0.1:${address.port}`, absent: findAbsent() });

  return async () => {
    await once(server.close(), 'close');
    const own = await Promise.allSettled(started.values());
    const mine = own.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
    await Promise.all(mine.filter(({ state }) => !isShared(state.folder)).map((services) => services.stop()));
  };
}

async function provideService(name: ServiceName): Promise<RunningServices> {
  const shared = process.env.CI ? undefined : readStateFile(stateFile);
  if (shared) {
    const services = await RunningServices.open(shared, { endsWithParent: false });
    if (services.all.get(name)?.isRunning) return services;
  }
  return startServices({ only: [name] });
}

function isShared(folder: string): boolean {
  return readStateFile(stateFile)?.folder === folder;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
}
