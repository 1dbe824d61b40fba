import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

const run = promisify(execFile);
const programs = '/usr/lib/postgresql';

export type PostgresServer = { url: string; close(): Promise<void> };

/** Where Debian puts the newest installed server's programs; undefined when there is none. */
export async function findPostgres(): Promise<string | undefined> {
  const versions = await readdir(programs).catch(() => []);
  const newest = versions.sort((a, b) => Number(a) - Number(b)).at(-1);
  return newest === undefined ? undefined : join(programs, newest, 'bin');
}

/** A PostgreSQL server of its own on 127.0.0.1, in a temporary folder that goes with it. */
export async function startPostgres(bin: string): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'rushes-postgres-'));
  // The server refuses to run as root.
  const user = process.getuid?.() === 0 ? await userIds('postgres') : undefined;
  if (user) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'rushes', '-A', 'trust', '--no-sync'], { ...user, cwd: folder });
  const port = await freePort();
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`, '-c', 'fsync=off'];
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...settings], {
    ...user,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(server, 'exit');
  const url = `postgres://rushes@127.0.0.1:${port}/postgres`;
  const close = async () => {
    // Fast shutdown: connections are closed.
    if (server.kill('SIGINT')) await exited;
    await rm(folder, { recursive: true });
  };
  await whenReady(server).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return { url, close };
}

async function whenReady(server: ChildProcessByStdio<null, null, Readable>): Promise<void> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: server.stderr })) {
    if (line.includes('ready to accept connections')) {
      server.stderr.resume();
      return;
    }
    lines.push(line);
  }
  throw new Error(`PostgreSQL did not start:\n${lines.join('\n')}`);
}

async function userIds(name: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, name])).stdout)),
  );
  return { uid: uid!, gid: gid! };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}
