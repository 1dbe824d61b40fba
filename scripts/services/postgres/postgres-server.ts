import { execFile } from 'node:child_process';
import { chown, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { ServerProcess } from '../server-process.ts';
import type { Service, ServiceContext } from '../service.ts';
import type { PostgresState } from '../services-state.ts';

const run = promisify(execFile);

/** Where Debian puts the server's programs. */
export const postgresPrograms = '/usr/lib/postgresql/15/bin';

type UserIds = { uid: number; gid: number };

/** A PostgreSQL server with a data folder of its own. It runs as the user postgres when root starts it: as root it refuses. */
export class PostgresServer implements Service {
  readonly url: string;
  readonly #folder: string;
  readonly #user: UserIds | undefined;
  readonly #process: ServerProcess;

  private constructor(state: PostgresState, context: ServiceContext, user: UserIds | undefined) {
    this.url = state.url;
    this.#folder = join(context.folder, 'postgres');
    this.#user = user;
    const { hostname, port } = new URL(state.url);
    const settings = {
      listen_addresses: hostname,
      port,
      unix_socket_directories: '',
      max_connections: 300,
      // What was committed outlives a killed server; only a machine that goes down would lose it.
      fsync: 'off',
    };
    this.#process = new ServerProcess(
      {
        name: 'PostgreSQL',
        command: join(postgresPrograms, 'postgres'),
        args: ['-D', this.#data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
        logFile: join(this.#folder, 'log.txt'),
        // Fast shutdown: connections are closed.
        stopSignal: 'SIGINT',
        ...(user && { user }),
        ...context,
        folder: this.#folder,
      },
      state,
    );
  }

  static async create(state: PostgresState, context: ServiceContext): Promise<PostgresServer> {
    const isRoot = process.getuid?.() === 0;
    return new PostgresServer(state, context, isRoot ? await readUserIds('postgres') : undefined);
  }

  get address(): string {
    return this.url;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get isRunning(): boolean {
    return this.#process.isRunning;
  }

  /** Resolves when it answers and its database is there. */
  async start(): Promise<void> {
    if (!this.isRunning) {
      if (!(await exists(join(this.#data, 'PG_VERSION')))) await this.#makeCluster();
      // A killed server that nobody has asked after still has its number, and counts as running for the next one.
      await rm(join(this.#data, 'postmaster.pid'), { force: true });
      await this.#process.start();
    }
    await this.#process.whenReady(() => this.#ensureDatabase());
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  async #makeCluster(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    if (this.#user) await chown(this.#folder, this.#user.uid, this.#user.gid);
    const options = { ...this.#user, cwd: this.#folder };
    const { username } = new URL(this.url);
    const args = ['-D', this.#data, '-U', username, '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
    await run(join(postgresPrograms, 'initdb'), args, options);
  }

  async #ensureDatabase(): Promise<void> {
    const url = new URL(this.url);
    const name = url.pathname.slice(1);
    url.pathname = '/postgres';
    const client = new Client({ connectionString: url.href });
    await client.connect();
    try {
      const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
      if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
    } finally {
      await client.end();
    }
  }
}

async function readUserIds(name: string): Promise<UserIds> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, name])).stdout)),
  );
  return { uid: uid!, gid: gid! };
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
