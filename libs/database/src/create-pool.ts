import pg from 'pg';

const { INT8 } = pg.types.builtins;

/** Numbers of eight bytes come back as JS numbers: nothing here counts beyond 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    const parse: unknown = oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format);
    return parse;
  },
};

/** Told of connections that broke while nobody used them. Whoever uses one is told by its query. */
export type ConnectionErrorHandler = (error: Error) => void;

/** The one pool of a database: TypeORM, the event log and the job queue take their connections from it. */
export function createPool(options: pg.PoolConfig, onConnectionError: ConnectionErrorHandler): pg.Pool {
  const pool = new pg.Pool({ ...options, types });
  // Nobody listens to a connection that lies in the pool, or is held between two queries: unheard, its end would end the process.
  pool.on('error', onConnectionError);
  pool.on('connect', (client) => client.on('error', onConnectionError));
  return pool;
}

/** A server that has not taken a connection for so long is away; the same for a pool that has none left. Milliseconds. */
const connectMs = 10_000;
/** Nothing that a service asks takes longer, unless something is wrong. Milliseconds. */
const statementMs = 60_000;

/** A pool of a PostgreSQL server, for the services' everyday statements. */
export function createServerPool(url: string, size: number, onConnectionError: ConnectionErrorHandler): pg.Pool {
  const options: pg.PoolConfig = {
    ...connectionOptions(url),
    max: size,
    statement_timeout: statementMs,
    // The server's own limit comes first; this one is for a server that says nothing at all.
    query_timeout: statementMs + 5_000,
    idle_in_transaction_session_timeout: statementMs,
  };
  return createPool(options, onConnectionError);
}

/** A pool for migrations: they wait for each other and rebuild tables, however long it takes. */
export function createMigrationPool(url: string, onConnectionError: ConnectionErrorHandler): pg.Pool {
  // One connection holds the lock, the other migrates.
  return createPool({ ...connectionOptions(url), max: 2 }, onConnectionError);
}

function connectionOptions(url: string): pg.PoolConfig {
  return {
    connectionString: url,
    application_name: 'rushes',
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}
