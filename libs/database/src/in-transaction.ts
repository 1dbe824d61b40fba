import type pg from 'pg';

/**
 * Does `work` in one transaction: all of it or nothing.
 * @throws what `work` throws, and what the server says at the end
 */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // A connection with an open transaction is not given back: closing it rolls back.
    client.release(failure);
  }
}
