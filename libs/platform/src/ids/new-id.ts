import { randomBytes } from 'node:crypto';

const letters = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new identifier: 20 random letters and digits (100 bits), which sort, copy and type well. */
export function newId(): string {
  return Array.from(randomBytes(20), (byte) => letters[byte % 32]).join('');
}
