import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool } from '../create-pool.ts';
import { copyTemplate } from '../testing/index.ts';
import { PgliteServer } from './pglite-server.ts';

describe('PGlite spoken to by pg', { timeout: 30_000 }, () => {
  let folder: string;
  let server: PgliteServer;
  let pool: pg.Pool;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rushes-pglite-'));
    await copyTemplate(folder);
    server = await PgliteServer.start({ folder: join(folder, 'database'), transactionWaitMs: 300 });
    pool = createPool(
      { stream: () => server.connect(), user: 'postgres', database: 'postgres', max: 6 },
      () => undefined,
    );
    await pool.query('CREATE TABLE notes (id int PRIMARY KEY, body text)');
  }, 60_000);
  beforeEach(async () => {
    await pool.query('TRUNCATE notes');
  });
  afterAll(async () => {
    await pool.end();
    await server.close();
    await rm(folder, { recursive: true });
  });

  const ids = async () =>
    (await pool.query<{ id: number }>('SELECT id FROM notes ORDER BY id')).rows.map((row) => row.id);

  it('reads types as from a server, eight-byte numbers as numbers', async () => {
    const { rows } = await pool.query(
      `SELECT 9007199254740991::int8 AS big, 1.5::numeric AS exact, '{"a":[1]}'::jsonb AS json,
              '2026-01-02T03:04:05.678Z'::timestamptz AS at, ARRAY['x', 'y'] AS list, NULL::int AS nothing`,
    );
    expect(rows).toEqual([
      {
        big: Number.MAX_SAFE_INTEGER,
        exact: '1.5',
        json: { a: [1] },
        at: new Date('2026-01-02T03:04:05.678Z'),
        list: ['x', 'y'],
        nothing: null,
      },
    ]);
  });

  it('reports an error with its SQLSTATE and goes on', async () => {
    await expect(pool.query('SELECT * FROM missing WHERE id = $1', [1])).rejects.toMatchObject({ code: '42P01' });
    await pool.query('INSERT INTO notes VALUES (1)');
    await expect(pool.query('INSERT INTO notes VALUES ($1)', [1])).rejects.toMatchObject({ code: '23505' });
    expect(await ids()).toEqual([1]);
  });

  it('keeps the statements of other connections out of an open transaction', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO notes VALUES (1)');
    const beside = Promise.all([
      pool.query('INSERT INTO notes VALUES (2)'),
      pool.query('INSERT INTO notes VALUES (3)'),
    ]);
    await client.query('INSERT INTO notes VALUES (4)');
    await client.query('ROLLBACK');
    client.release();
    await beside;
    expect(await ids()).toEqual([2, 3]);
  });

  it('lets many transactions run one after the other', async () => {
    await pool.query(`INSERT INTO notes VALUES (0, '0')`);
    const add = async () => {
      const client = await pool.connect();
      await client.query('BEGIN');
      const { rows } = await client.query<{ body: string }>('SELECT body FROM notes WHERE id = 0');
      await client.query('UPDATE notes SET body = $1 WHERE id = 0', [String(Number(rows[0]!.body) + 1)]);
      await client.query('COMMIT');
      client.release();
    };
    await Promise.all(Array.from({ length: 40 }, add));
    expect((await pool.query('SELECT body FROM notes')).rows).toEqual([{ body: '40' }]);
  });

  it('rolls back what a connection that goes away had begun', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO notes VALUES (1)');
    client.release(true);
    expect(await ids()).toEqual([]);
  });

  it('tells a query that waits beside a transaction for too long what is wrong', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'database-busy', retriable: true });
    await client.query('COMMIT');
    client.release();
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('carries notifications to a connection that listens', async () => {
    const listener = await pool.connect();
    const notified = new Promise((resolve) => listener.once('notification', resolve));
    await listener.query('LISTEN news');
    await pool.query(`NOTIFY news, 'rushes'`);
    expect(await notified).toMatchObject({ channel: 'news', payload: 'rushes' });
    await listener.query('UNLISTEN news');
    listener.release();
  });

  it('answers several statements sent at once, and a long result', async () => {
    const results = (await pool.query('SELECT 1 AS a; SELECT 2 AS b')) as unknown as pg.QueryResult<
      Record<string, number>
    >[];
    expect(results.map((result) => result.rows)).toEqual([[{ a: 1 }], [{ b: 2 }]]);
    const { rows } = await pool.query<{ n: number }>(`SELECT n, repeat('x', 300) FROM generate_series(1, 20000) AS n`);
    expect(rows.at(-1)!.n).toBe(20_000);
  });

  it('keeps the write-ahead log small', async () => {
    const body = randomBytes(750_000).toString('base64');
    for (let id = 0; id < 120; id += 1) {
      await pool.query(`INSERT INTO notes VALUES ($1, $2)`, [id, body]);
      await pool.query('DELETE FROM notes');
    }
    const segments = (await readdir(join(folder, 'database', 'pg_wal'))).filter((name) => /^[0-9A-F]{24}$/.test(name));
    expect(segments.length * 16).toBeLessThanOrEqual(96);
  });
});
