import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { TokenService } from './token-service.ts';

const secret = new Uint8Array(32).fill(7);
const tokens = new TokenService(secret);
const viewer = { scope: 'viewer', recordingId: 'rec1', canExport: false } as const;

describe('TokenService', () => {
  it('gives back the claims it was given', async () => {
    const token = await tokens.issue(viewer, 60);
    expect(await tokens.verify(token, 'viewer')).toEqual(viewer);
  });

  it('refuses a token of another scope with 403', async () => {
    const token = await tokens.issue(viewer, 60);
    await expect(tokens.verify(token, 'capture')).rejects.toMatchObject({ status: 403, code: 'token-scope' });
  });

  it('refuses an expired token and says so', async () => {
    const token = await tokens.issue(viewer, -1);
    await expect(tokens.verify(token, 'viewer')).rejects.toMatchObject({ status: 401, code: 'token-expired' });
  });

  it.each([undefined, '', 'nonsense', 'a.b.c'])('refuses %o', async (token) => {
    await expect(tokens.verify(token, 'viewer')).rejects.toMatchObject({ status: 401 });
  });

  it('refuses a token signed elsewhere, changed, unsigned, or without an end', async () => {
    const header = { alg: 'HS256' };
    const jwt = () => new SignJWT({ ...viewer }).setProtectedHeader(header).setIssuer('rushes').setAudience('viewer');
    const elsewhere = await new TokenService(new Uint8Array(32).fill(8)).issue(viewer, 60);
    const endless = await jwt().sign(secret);
    const [head, , signature] = (await tokens.issue(viewer, 60)).split('.');
    const changed = [
      head,
      encode({ ...viewer, canExport: true, iss: 'rushes', aud: 'viewer', exp: 9e9 }),
      signature,
    ].join('.');
    const unsigned = [encode({ alg: 'none' }), encode({ ...viewer, iss: 'rushes', aud: 'viewer', exp: 9e9 }), ''].join(
      '.',
    );
    for (const token of [elsewhere, endless, changed, unsigned]) {
      await expect(tokens.verify(token, 'viewer')).rejects.toMatchObject({ status: 401, code: 'token-invalid' });
    }
  });
});

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
