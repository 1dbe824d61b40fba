import type { IncomingMessage } from 'node:http';
import type { ApiKeyService } from '../auth/api-key-service.ts';
import { unauthenticated } from '../auth/auth-guard.ts';
import { bearerOf } from '../auth/bearer.ts';

/**
 * Lets an upgrade through that holds an API key, as `Authorization: Bearer`: for servers, which can send headers.
 * @returns the `keyId`
 * @throws ProblemError 401 `credentials-missing`, `api-key-invalid`
 */
export async function upgradeApiKey({ headers }: IncomingMessage, apiKeys: ApiKeyService): Promise<string> {
  const key = bearerOf(headers.authorization);
  if (key === undefined) {
    throw unauthenticated('credentials-missing', 'Expected an API key as "Authorization: Bearer".');
  }
  const keyId = await apiKeys.verify(key);
  if (keyId === undefined) throw unauthenticated('api-key-invalid', 'The API key is not valid here.');
  return keyId;
}
