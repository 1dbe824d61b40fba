const storageKey = 'rushes-own-token';

type Kept = { given: string; own: string };

/**
 * The token to connect with: the one in the link, or the page's own that an invitation was exchanged for, so that a reload does
 * not make a second person of one.
 */
export function tokenToUse(given: string, storage: Storage, nowMs: number): string {
  const kept = JSON.parse(storage.getItem(storageKey) ?? 'null') as Kept | null;
  return kept?.given === given && expiryMs(kept.own) > nowMs ? kept.own : given;
}

/** Keeps the token that the room gave for the invitation `given`, for as long as the tab lives. */
export function keepOwnToken(given: string, own: string, storage: Storage): void {
  storage.setItem(storageKey, JSON.stringify({ given, own } satisfies Kept));
}

/** When a JWT ends, epoch milliseconds; 0 when it does not say. */
function expiryMs(token: string): number {
  const payload = token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '';
  const { exp } = JSON.parse(atob(payload)) as { exp?: number };
  return (exp ?? 0) * 1000;
}
