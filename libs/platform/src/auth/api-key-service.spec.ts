import { openTemporaryDatabase } from '@rushes/database/testing';
import type { Database } from '@rushes/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../config/config.ts';
import { ApiKeyService } from './api-key-service.ts';
import { loadTokenSecret } from './token-secret.ts';

let database: Database;
beforeAll(async () => {
  database = await openTemporaryDatabase();
}, 30_000);
afterAll(() => database.close());

describe('ApiKeyService', () => {
  it('makes one key, by whichever process is first, and stores its hash only', async () => {
    const config = loadConfig({});
    const made = await Promise.all([1, 2, 3].map(() => new ApiKeyService(database, config).makeFirstKey()));
    const [key, ...more] = made.filter((one) => one !== undefined);
    expect(more).toEqual([]);
    expect(key).toMatch(/^rushes_[\w-]{43}$/);
    expect(await new ApiKeyService(database, config).makeFirstKey()).toBeUndefined();

    const { rows } = await database.pool.query<Record<string, unknown>>('SELECT * FROM api_keys, settings');
    expect(JSON.stringify(rows)).not.toContain(key!.slice('rushes_'.length));
    const service = new ApiKeyService(database, config);
    expect(await service.verify(key!)).toBe(rows[0]?.keyId);
    expect(await service.verify(`${key!}x`)).toBeUndefined();
    expect(await service.verify('')).toBeUndefined();
  });

  it('refuses a revoked key', async () => {
    const service = new ApiKeyService(database, loadConfig({}));
    const key = await service.create('build server');
    const keyId = await service.verify(key);
    await database.pool.query('UPDATE api_keys SET "revokedAt" = now() WHERE "keyId" = $1', [keyId]);
    expect(await service.verify(key)).toBeUndefined();
  });

  it('lists keys without what they are, and takes one back once', async () => {
    const service = new ApiKeyService(database, loadConfig({}));
    const key = await service.create('ticket system');
    const made = (await service.list()).at(-1)!;
    expect(made).toMatchObject({ keyId: await service.verify(key), name: 'ticket system', revokedAt: null });
    expect(Object.keys(made).sort()).toEqual(['createdAt', 'keyId', 'name', 'revokedAt']);

    expect(await service.revoke(made.keyId)).toBe(true);
    expect(await service.verify(key)).toBeUndefined();
    expect((await service.list()).at(-1)!.revokedAt).toMatch(/^\d{4}-.*Z$/);
    expect(await service.revoke(made.keyId)).toBe(false);
    expect(await service.revoke('nobody')).toBe(false);
  });

  it('accepts the key of the environment for as long as it stands there', async () => {
    const key = 'k'.repeat(40);
    const config = loadConfig({ RUSHES_API_KEY: key });
    expect(await new ApiKeyService(database, config).verify(key)).toBe('environment');
    expect(await new ApiKeyService(database, loadConfig({})).verify(key)).toBeUndefined();
  });
});

describe('loadTokenSecret', () => {
  it('gives every process on a database the same 256 bits', async () => {
    const [first, second] = await Promise.all([loadTokenSecret(database), loadTokenSecret(database)]);
    expect(first).toHaveLength(32);
    expect(Buffer.compare(first, second)).toBe(0);
    expect(Buffer.compare(first, await loadTokenSecret(database))).toBe(0);
  });
});
