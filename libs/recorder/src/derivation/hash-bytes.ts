import { createHash } from 'node:crypto';

/** SHA-256, in hexadecimal. */
export async function hashBytes(parts: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of parts) hash.update(part);
  return hash.digest('hex');
}
