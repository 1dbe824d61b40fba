import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { isConnectionError } from './connection-error.ts';

const pauseMs = 500;

/** What a wrong URL comes to, by SQLSTATE. */
const expectations: Readonly<Record<string, string>> = {
  '28P01': 'expected the right password',
  '28000': 'expected a user that may connect',
  '3D000': 'expected a database that is there',
};

/** The PostgreSQL server does not let us in. The message names no password. */
export class DatabaseConnectError extends Error {
  readonly code = 'database-unreachable';

  constructor(
    message: string,
    /** Whether it was only away. */
    readonly retriable: boolean,
    options: ErrorOptions,
  ) {
    super(`RUSHES_DATABASE_URL: ${message}`, options);
    this.name = 'DatabaseConnectError';
  }
}

/**
 * Resolves when the server answers: it may start later than we do, or be away for a while.
 * @throws DatabaseConnectError at once when it refuses us, or when it has not answered in time
 */
export async function whenReachable(pool: pg.Pool, waitMs: number): Promise<void> {
  const untilMs = performance.now() + waitMs;
  for (;;) {
    try {
      await pool.query('SELECT 1');
      return;
    } catch (cause) {
      if (!isConnectionError(cause)) throw refused(cause);
      if (performance.now() > untilMs) {
        throw new DatabaseConnectError(
          `no answer in ${Math.round(waitMs / 1000)} s: expected a PostgreSQL server`,
          true,
          {
            cause,
          },
        );
      }
      await delay(pauseMs);
    }
  }
}

function refused(cause: unknown): DatabaseConnectError {
  const { code, message } = cause as { code?: string; message?: string };
  const expected = (code !== undefined && expectations[code]) || 'expected a PostgreSQL server that takes us';
  return new DatabaseConnectError(`${expected} (${code ?? message ?? 'no reason given'})`, false, { cause });
}
