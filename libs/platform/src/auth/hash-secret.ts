import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * SHA-256 in hexadecimal. Enough for secrets of 256 random bits, which cannot be guessed from their hash;
 * it would not be for passwords.
 */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether `secret` is the one hashed, in a time that does not tell how much of it is right. */
export function matchesHash(secret: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(secret), 'hex'), Buffer.from(hash, 'hex'));
}
