import type { Database } from '@rushes/database';

/**
 * The stored text of `key`; the first caller's `make` decides it, also when several processes start at once.
 * `isNew` is true for that one caller only.
 */
export async function keepSetting(
  { pool }: Database,
  key: string,
  make: () => string,
): Promise<{ value: string; isNew: boolean }> {
  const inserted = await pool.query(
    'INSERT INTO settings ("key", "value") VALUES ($1, $2) ON CONFLICT ("key") DO NOTHING',
    [key, JSON.stringify(make())],
  );
  const { rows } = await pool.query<{ value: string }>('SELECT "value" FROM settings WHERE "key" = $1', [key]);
  const [row] = rows;
  if (!row) throw new Error(`Setting ${key} could not be stored`);
  return { value: row.value, isNew: inserted.rowCount === 1 };
}
