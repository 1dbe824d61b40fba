import { createConnection, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { DatabaseBusyError } from '@rushes/database';
import { EventLogClosedError, EventLogUnavailableError } from '@rushes/event-log';
import { ObjectStoreError } from '@rushes/object-store';
import pg from 'pg';
import { expect, it } from 'vitest';
import { unavailableFor } from './unavailable.ts';

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

it('knows a socket that nobody answers, also as one of several addresses or as a cause', async () => {
  const socket = createConnection({ port: await closedPort(), host: '127.0.0.1' });
  const [refused] = (await once(socket, 'error').catch((error: unknown) => [error])) as [Error];
  expect(unavailableFor(refused)).toBeGreaterThan(0);
  expect(unavailableFor(new AggregateError([refused]))).toBeGreaterThan(0);
  expect(unavailableFor(new Error('asking failed', { cause: refused }))).toBeGreaterThan(0);
});

it('knows a PostgreSQL server that is not there, and one that hangs up', async () => {
  const pool = new pg.Pool({ host: '127.0.0.1', port: await closedPort() });
  expect(unavailableFor(await errorOf(pool.query('SELECT 1')))).toBeGreaterThan(0);
  await pool.end();
  const rude = createServer((socket) => socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1');
  await once(rude, 'listening');
  const other = new pg.Pool({ host: '127.0.0.1', port: (rude.address() as AddressInfo).port });
  expect(unavailableFor(await errorOf(other.query('SELECT 1')))).toBeGreaterThan(0);
  await other.end();
  rude.close();
});

it('passes on how long to wait', () => {
  expect(unavailableFor(new EventLogUnavailableError('no brokers', 750))).toBe(750);
});

it.each([
  ['a busy database', new DatabaseBusyError(1), true],
  ['an object store that does not answer', new ObjectStoreError('object-store-unavailable', 'x'), true],
  ['a bucket that is not there', new ObjectStoreError('bucket-missing', 'x'), false],
  ['a closed log', new EventLogClosedError(), false],
  ['a mistake in the program', new TypeError('undefined is not a function'), false],
  ['a duplicate key', Object.assign(new Error('duplicate key'), { code: '23505' }), false],
  ['a server that shuts down', Object.assign(new Error('terminating'), { code: '57P01' }), true],
  ['no error at all', 'text', false],
])('takes %s for away: %j', (_, error, isAway) => {
  expect(unavailableFor(error) !== undefined).toBe(isAway);
});
