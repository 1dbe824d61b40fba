import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@rushes/database';
import { CONFIG, type Config } from '../config/config.ts';
import { newId } from '../ids/new-id.ts';
import { keepSetting } from '../settings/settings.ts';
import { hashSecret, matchesHash } from './hash-secret.ts';

/** What keys made here begin with, so that secret scanners and people know them. */
export const apiKeyPrefix = 'rushes_';
/** The `keyId` of the key given by RUSHES_API_KEY. */
const environmentKeyId = 'environment';

/** What may be known of a key. Times are RFC 3339; `revokedAt` is null while the key is good. */
export type ApiKeyFacts = { keyId: string; name: string; createdAt: string; revokedAt: string | null };

/** API keys: full access. Only their hashes are stored. */
@Injectable()
export class ApiKeyService {
  readonly #environmentHash: string | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CONFIG) config: Config,
  ) {
    this.#environmentHash = config.apiKey === undefined ? undefined : hashSecret(config.apiKey);
  }

  /**
   * Makes the first key, if this is the first start of the installation and the environment gives none.
   * @returns the key, the only time it is ever readable
   */
  async makeFirstKey(): Promise<string | undefined> {
    if (this.#environmentHash !== undefined) return undefined;
    const { isNew } = await keepSetting(this.database, 'first-api-key', newId);
    return isNew ? this.create('first start') : undefined;
  }

  /** @returns the new key: show it, it cannot be read again */
  async create(name: string): Promise<string> {
    const key = apiKeyPrefix + randomBytes(32).toString('base64url');
    await this.database.pool.query(
      'INSERT INTO api_keys ("keyId", "hash", "name", "createdAt") VALUES ($1, $2, $3, now())',
      [newId(), hashSecret(key), name],
    );
    return key;
  }

  /** The stored keys, the oldest first. */
  async list(): Promise<ApiKeyFacts[]> {
    const { rows } = await this.database.pool.query<{ [K in keyof ApiKeyFacts]: Date | string | null }>(
      'SELECT "keyId", "name", "createdAt", "revokedAt" FROM api_keys ORDER BY "createdAt", "keyId"',
    );
    return rows.map(({ keyId, name, createdAt, revokedAt }) => ({
      keyId: String(keyId),
      name: String(name),
      createdAt: new Date(createdAt ?? 0).toISOString(),
      revokedAt: revokedAt === null ? null : new Date(revokedAt).toISOString(),
    }));
  }

  /** Takes a key back for good. @returns false when there is no such key, or it was revoked before */
  async revoke(keyId: string): Promise<boolean> {
    const { rowCount } = await this.database.pool.query(
      'UPDATE api_keys SET "revokedAt" = now() WHERE "keyId" = $1 AND "revokedAt" IS NULL',
      [keyId],
    );
    return rowCount === 1;
  }

  /** @returns the `keyId`, or undefined when the key is unknown or revoked */
  async verify(key: string): Promise<string | undefined> {
    if (this.#environmentHash !== undefined && matchesHash(key, this.#environmentHash)) return environmentKeyId;
    const { rows } = await this.database.pool.query<{ keyId: string; hash: string }>(
      'SELECT "keyId", "hash" FROM api_keys WHERE "revokedAt" IS NULL',
    );
    return rows.find((row) => matchesHash(key, row.hash))?.keyId;
  }
}
