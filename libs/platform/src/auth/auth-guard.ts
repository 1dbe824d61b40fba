import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { ProblemError } from '../errors/problem-error.ts';
import { ApiKeyService, apiKeyPrefix } from './api-key-service.ts';
import { bearerOf } from './bearer.ts';
import { setPrincipal, type Principal } from './principal.ts';
import { requiresKey, type Requirement } from './requires.ts';
import { TokenService } from './token-service.ts';

/**
 * Lets a request through when it holds what {@link Requires} names: an API key as `Authorization: Bearer`, or a token
 * there or as `?token=` (for `<video src>` and downloads, which cannot send headers). Bound globally.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ApiKeyService) private readonly apiKeys: ApiKeyService,
    @Inject(TokenService) private readonly tokens: TokenService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const requirements = this.reflector.getAllAndOverride<Requirement[] | undefined>(requiresKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!requirements) {
      throw new Error(`${context.getClass().name}.${context.getHandler().name} has no @Requires and stays closed`);
    }
    const request = context.switchToHttp().getRequest<Request>();
    const principal = await this.authenticate(request, requirements);
    setPrincipal(request, principal);
    return true;
  }

  private async authenticate(request: Request, requirements: readonly Requirement[]): Promise<Principal> {
    if (requirements.includes('anyone')) return { kind: 'anyone' };
    const bearer = bearerOf(request.headers.authorization);
    if (bearer?.startsWith(apiKeyPrefix) || (bearer !== undefined && !isJwt(bearer))) {
      const keyId = await this.apiKeys.verify(bearer);
      if (keyId !== undefined) return { kind: 'api-key', keyId };
      throw unauthenticated('api-key-invalid', 'The API key is not valid here.');
    }
    const token = bearer ?? queryToken(request);
    if (token === undefined) {
      throw unauthenticated('credentials-missing', `Expected ${describe(requirements)} as "Authorization: Bearer".`);
    }
    const claims = await this.tokens.verifyAny(token);
    if (!requirements.includes(claims.scope)) {
      throw new ProblemError(403, 'token-scope', `Expected ${describe(requirements)}, got a ${claims.scope} token.`);
    }
    return { kind: 'token', claims };
  }
}

/** 401, which says what to send. */
export function unauthenticated(code: string, detail: string): ProblemError {
  return new ProblemError(401, code, detail, [], { headers: { 'www-authenticate': 'Bearer realm="rushes"' } });
}

/** Only tokens may stand in an address, never the API key: addresses end up in logs and histories. */
function queryToken(request: Request): string | undefined {
  const token = request.query.token;
  return typeof token === 'string' && isJwt(token) ? token : undefined;
}

function isJwt(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

function describe(requirements: readonly Requirement[]): string {
  const tokens = requirements.filter((requirement) => requirement !== 'api-key').map((scope) => `a ${scope} token`);
  return ['an API key', ...tokens].join(' or ');
}
