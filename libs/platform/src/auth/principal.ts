import type { Request } from 'express';
import type { RecordingId } from '@rushes/timeline';
import { ProblemError } from '../errors/problem-error.ts';
import type { TokenClaims } from './token-claims.ts';

/** Who asks: the holder of an API key (may do everything), of a token (what its claims say), or anybody. */
export type Principal =
  { kind: 'api-key'; keyId: string } | { kind: 'token'; claims: TokenClaims } | { kind: 'anyone' };

const principals = new WeakMap<object, Principal>();

export function setPrincipal(request: Request, principal: Principal): void {
  principals.set(request, principal);
}

/** Who asks, as {@link AuthGuard} found. */
export function principalOf(request: Request): Principal {
  return principals.get(request) ?? { kind: 'anyone' };
}

/** What may be done with a recording. */
export type RecordingAction = 'view' | 'export';

/** @throws ProblemError 403 `not-allowed` unless `principal` may do `action` with this recording. */
export function requireRecordingAccess(
  principal: Principal,
  recordingId: string,
  action: RecordingAction = 'view',
): void {
  const { only } = accessibleRecordings(principal);
  if (only !== undefined && only !== recordingId) {
    throw new ProblemError(403, 'not-allowed', 'The token is for another recording.');
  }
  if (
    action === 'export' &&
    principal.kind === 'token' &&
    !(principal.claims.scope === 'viewer' && principal.claims.canExport)
  ) {
    throw new ProblemError(403, 'not-allowed', 'The token does not allow exports.');
  }
}

/**
 * The recordings that `principal` may look at: `only` one, or all.
 * @throws ProblemError 403 `not-allowed` when none.
 */
export function accessibleRecordings(principal: Principal): { only: RecordingId | undefined } {
  if (principal.kind === 'api-key') return { only: undefined };
  if (principal.kind === 'token' && principal.claims.scope === 'viewer') return { only: principal.claims.recordingId };
  throw new ProblemError(403, 'not-allowed', 'Expected an API key or a viewer token.');
}
