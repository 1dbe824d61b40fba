import { errors, jwtVerify, SignJWT } from 'jose';
import { Inject, Injectable } from '@nestjs/common';
import { ProblemError } from '../errors/problem-error.ts';
import { TOKEN_SECRET } from './token-secret.ts';
import { tokenClaimsSchema, type ClaimsOf, type TokenClaims, type TokenScope } from './token-claims.ts';

const issuer = 'rushes';

/** Makes and checks short-lived tokens that allow one thing: JWT, HS256, with the installation's own secret. */
@Injectable()
export class TokenService {
  constructor(@Inject(TOKEN_SECRET) private readonly secret: Uint8Array) {}

  issue(claims: TokenClaims, ttlSeconds: number): Promise<string> {
    return new SignJWT({ ...tokenClaimsSchema.parse(claims) })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience(claims.scope)
      .setIssuedAt()
      .setExpirationTime(`${ttlSeconds}s`)
      .sign(this.secret);
  }

  /**
   * What `token` allows, when it is ours, not expired, and of the given scope.
   * @throws ProblemError 401 `token-missing`, `token-expired` or `token-invalid`; 403 `token-scope` for another scope.
   */
  async verify<S extends TokenScope>(token: string | undefined, scope: S): Promise<ClaimsOf<S>> {
    const claims = await this.verifyAny(token);
    if (claims.scope !== scope) {
      throw new ProblemError(403, 'token-scope', `Expected a ${scope} token, got a ${claims.scope} token.`);
    }
    return claims as ClaimsOf<S>;
  }

  /** As {@link verify}, of any scope. */
  async verifyAny(token: string | undefined): Promise<TokenClaims> {
    if (token === undefined || token === '') throw new ProblemError(401, 'token-missing', 'Expected a token.');
    try {
      const { payload } = await jwtVerify(token, this.secret, {
        issuer,
        algorithms: ['HS256'],
        requiredClaims: ['exp'],
      });
      const claims = tokenClaimsSchema.parse(payload);
      if (payload.aud !== claims.scope) throw new TypeError('audience and scope differ');
      return claims;
    } catch (cause) {
      if (cause instanceof errors.JWTExpired) {
        throw new ProblemError(401, 'token-expired', 'The token has expired.', [], { cause });
      }
      throw new ProblemError(401, 'token-invalid', 'The token is not valid here.', [], { cause });
    }
  }
}
