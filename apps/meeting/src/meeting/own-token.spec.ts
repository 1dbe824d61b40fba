import { expect, it } from 'vitest';
import { keepOwnToken, tokenToUse } from './own-token.ts';

const tokenUntil = (exp: number, who: string) => `header.${btoa(JSON.stringify({ exp, who }))}.signature`;

function newStorage(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  } as Storage;
}

it('connects again with the token that an invitation was exchanged for, while that is good', () => {
  const storage = newStorage();
  const own = tokenUntil(100, 'ben');
  expect(tokenToUse('invitation', storage, 0)).toBe('invitation');
  keepOwnToken('invitation', own, storage);
  expect(tokenToUse('invitation', storage, 99_999)).toBe(own);
  expect(tokenToUse('invitation', storage, 100_001)).toBe('invitation');
  expect(tokenToUse('another invitation', storage, 0)).toBe('another invitation');
});
