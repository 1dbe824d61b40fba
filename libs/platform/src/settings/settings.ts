import type { Database } from '@rushes/database';

/**
 * The stored value of `key`; the first caller's `make` decides it, also when several processes start at once.
 * `isNew` is true for that one caller only.
 */
export async function keepSetting(
  database: Database,
  key: string,
  make: () => string,
): Promise<{ value: string; isNew: boolean }> {
  const inserted: unknown[] = await database.dataSource.query(
    'INSERT INTO settings ("key", "value") VALUES ($1, $2) ON CONFLICT ("key") DO NOTHING RETURNING "key"',
    [key, JSON.stringify(make())],
  );
  const [row]: { value: string }[] = await database.dataSource.query('SELECT "value" FROM settings WHERE "key" = $1', [
    key,
  ]);
  if (!row) throw new Error(`Setting ${key} could not be stored`);
  return { value: row.value, isNew: inserted.length > 0 };
}
