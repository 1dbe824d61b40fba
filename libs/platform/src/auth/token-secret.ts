import { randomBytes } from 'node:crypto';
import type { Database } from '@rushes/database';
import { keepSetting } from '../settings/settings.ts';

/** Injection token of the secret that signs tokens. */
export const TOKEN_SECRET = Symbol('TOKEN_SECRET');

/** The installation's secret: 256 random bits made at the first start, the same for every process on one database. */
export async function loadTokenSecret(database: Database): Promise<Uint8Array> {
  const { value } = await keepSetting(database, 'token-secret', () => randomBytes(32).toString('base64url'));
  return Buffer.from(value, 'base64url');
}
