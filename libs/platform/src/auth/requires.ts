import { createParamDecorator, SetMetadata, type CustomDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { principalOf, type Principal } from './principal.ts';
import type { TokenScope } from './token-claims.ts';

export const requiresKey = 'rushes:requires';

/** `anyone` opens the route; an API key is good for every other one. */
export type Requirement = 'api-key' | TokenScope | 'anyone';

/**
 * What a caller of the controller or route must hold: any one of `requirements`. A route that says nothing is closed.
 * For `viewer`, the handler still has to call `requireRecordingAccess`.
 */
export function Requires(...requirements: [Requirement, ...Requirement[]]): CustomDecorator {
  return SetMetadata(requiresKey, requirements);
}

/** Parameter decorator: the {@link Principal} who asks. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal =>
  principalOf(context.switchToHttp().getRequest<Request>()),
);
