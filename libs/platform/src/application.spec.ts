import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CurrentPrincipal, Requires } from './auth/requires.ts';
import type { Principal } from './auth/principal.ts';
import { TokenService } from './auth/token-service.ts';
import { parseInput } from './errors/parse-input.ts';
import { HealthRegistry } from './health/health-registry.ts';
import { startTestApplication, testApiKey, type TestApplication } from './testing/index.ts';

const bodySchema = z.strictObject({ name: z.string('expected a text'), size: z.int('expected a whole number') });

@Controller('v1/things')
class ThingsController {
  @Get('mine')
  @Requires('viewer')
  mine(@CurrentPrincipal() principal: Principal): Principal {
    return principal;
  }

  @Post()
  @Requires('api-key')
  create(@Body() body: unknown): unknown {
    return parseInput(bodySchema, body, 'body');
  }

  @Get('broken')
  @Requires('anyone')
  broken(): never {
    throw new Error('the secret reason');
  }

  @Get('forgotten')
  forgotten(): string {
    return 'open by mistake';
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

let app: TestApplication;
let webDir: string;
let tokens: TokenService;
const asKey = { authorization: `Bearer ${testApiKey}` };

beforeAll(async () => {
  webDir = await mkdtemp(join(tmpdir(), 'rushes-web-'));
  for (const page of ['meeting', 'viewer', 'sdk']) {
    await mkdir(join(webDir, page, 'assets'), { recursive: true });
    await writeFile(join(webDir, page, 'index.html'), `<title>${page}</title>`);
    await writeFile(join(webDir, page, 'assets', 'index-a1b2c3d4.js'), `// ${page}`);
  }
  await writeFile(join(webDir, 'sdk', 'capture.js'), 'export {}');
  app = await startTestApplication([ThingsModule], {
    RUSHES_WEB_DIR: webDir,
    RUSHES_METRICS_TOKEN: 'metrics-token-0123',
  });
  tokens = app.app.get(TokenService);
}, 60_000);

afterAll(async () => {
  await app.close();
  await rm(webDir, { recursive: true, force: true });
});

type Answer = { status: number; headers: Headers; body: Record<string, unknown> };

async function call(path: string, init?: RequestInit, base = app.url): Promise<Answer> {
  const response = await fetch(base + path, init);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : { text },
  };
}

describe('authentication', () => {
  it('tells who asks: a key or a token, in the header or, for tokens, in the address', async () => {
    const token = await tokens.issue({ scope: 'viewer', recordingId: 'r1', canExport: false }, 60);
    const claims = { scope: 'viewer', recordingId: 'r1', canExport: false };
    expect((await call('/v1/things/mine', { headers: asKey })).body).toEqual({ kind: 'api-key', keyId: 'environment' });
    expect((await call(`/v1/things/mine?token=${token}`)).body).toEqual({ kind: 'token', claims });
    expect((await call('/v1/things/mine', { headers: { authorization: `Bearer ${token}` } })).body).toEqual({
      kind: 'token',
      claims,
    });
  });

  it.each([
    ['nothing', {}, 'credentials-missing'],
    ['a wrong key', { authorization: 'Bearer rushes_wrong' }, 'api-key-invalid'],
    ['a broken token', { authorization: 'Bearer a.b.c' }, 'token-invalid'],
  ])('refuses %s with 401 and says how to authenticate', async (_, headers, code) => {
    const answer = await call('/v1/things/mine', { headers: headers as Record<string, string> });
    expect(answer).toMatchObject({ status: 401, body: { code, type: `urn:rushes:problem:${code}` } });
  });

  it('refuses an expired token, one of another scope, and the API key in an address', async () => {
    const expired = await tokens.issue({ scope: 'viewer', canExport: true }, -1);
    const capture = await tokens.issue({ scope: 'capture', recordingId: 'r1', participantId: 'p1' }, 60);
    expect((await call(`/v1/things/mine?token=${expired}`)).body).toMatchObject({ status: 401, code: 'token-expired' });
    expect((await call(`/v1/things/mine?token=${capture}`)).body).toMatchObject({ status: 403, code: 'token-scope' });
    expect((await call(`/v1/things/mine?token=${testApiKey}`)).status).toBe(401);
  });

  it('keeps a route closed that does not say who may call it', async () => {
    expect((await call('/v1/things/forgotten', { headers: asKey })).status).toBe(500);
  });
});

describe('problems', () => {
  const post = (body: string, type = 'application/json') =>
    call('/v1/things', { method: 'POST', body, headers: { ...asKey, 'content-type': type } });

  it('names each field and what was expected, unknown fields too', async () => {
    const { status, headers, body } = await post('{"name":1,"extra":true}');
    expect(status).toBe(400);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(body).toMatchObject({
      code: 'input-invalid',
      errors: [
        { field: 'body.name', expected: 'expected a text' },
        { field: 'body.size', expected: 'expected a whole number' },
        { field: 'body.extra', expected: 'no such field' },
      ],
    });
  });

  it.each([
    ['malformed JSON', '{"name":', 'application/json', 400, 'json-invalid'],
    ['no JSON', 'name=x', 'application/x-www-form-urlencoded', 415, 'content-type-unsupported'],
    ['too much', `{"name":"${'x'.repeat(70_000)}"}`, 'application/json', 413, 'body-too-large'],
  ])('answers %s', async (_, body, type, status, code) => {
    expect(await post(body, type)).toMatchObject({ status, body: { code } });
  });

  it('tells 404 from 405, and with 405 what is allowed', async () => {
    expect(await call('/v1/nothing', { headers: asKey })).toMatchObject({
      status: 404,
      body: { code: 'path-not-found' },
    });
    const put = await call('/v1/things', { method: 'PUT', headers: asKey });
    expect(put).toMatchObject({ status: 405, body: { code: 'method-not-allowed' } });
    expect(put.headers.get('allow')).toBe('POST');
  });

  it('keeps the reason of an unexpected error to itself', async () => {
    const { status, body } = await call('/v1/things/broken');
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('answers with the caller’s request id when it is a plain one, else with its own', async () => {
    const given = await call('/v1/nothing', { headers: { 'x-request-id': 'abc-1' } });
    expect([given.headers.get('x-request-id'), given.body.requestId]).toEqual(['abc-1', 'abc-1']);
    const odd = await call('/v1/nothing', { headers: { 'x-request-id': 'a b{}' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^[a-z0-9]{20}$/);
  });

  it('survives an address that cannot be decoded', async () => {
    expect((await call('/v1/%E0%A4%A')).status).toBeLessThan(500);
  });
});

describe('pages and listeners', () => {
  it('serves meeting and SDK on the main port, the viewer on its own', async () => {
    expect((await call('/meet/')).body.text).toContain('meeting');
    expect((await call('/', {}, app.viewerUrl)).body.text).toContain('viewer');
    expect((await call('/meet/', {}, app.viewerUrl)).status).toBe(404);
    expect((await call('/assets/index-a1b2c3d4.js')).status).toBe(404);
  });

  it('has the viewer’s origin hold nothing but the replay', async () => {
    for (const path of [
      '/v1/things/mine',
      '/v1/tokens',
      '/metrics',
      '/openapi.json',
      '/health/live',
      '/sdk/capture.js',
    ]) {
      expect(await call(path, { headers: asKey }, app.viewerUrl)).toMatchObject({
        status: 404,
        body: { code: 'path-not-found' },
      });
    }
  });

  it('keeps hashed files for good and asks for pages again', async () => {
    expect((await call('/assets/index-a1b2c3d4.js', {}, app.viewerUrl)).headers.get('cache-control')).toContain(
      'immutable',
    );
    expect((await call('/', {}, app.viewerUrl)).headers.get('cache-control')).toBe('no-cache');
    expect((await call('/sdk/capture.js')).headers.get('cache-control')).toBe('no-cache');
  });

  it('has a strict policy for the viewer, allows the camera only to the meeting, and the SDK to everybody', async () => {
    const viewer = (await call('/', {}, app.viewerUrl)).headers;
    expect(viewer.get('content-security-policy')).toContain("default-src 'self'; script-src 'self'; ");
    expect(viewer.get('content-security-policy')).toContain("object-src 'none'; base-uri 'none'");
    expect(viewer.get('permissions-policy')).toContain('camera=()');
    expect((await call('/meet/')).headers.get('permissions-policy')).toContain('camera=(self)');
    expect((await call('/sdk/capture.js')).headers.get('access-control-allow-origin')).toBe('*');
  });

  it('does not leave the folder of the pages', async () => {
    for (const path of ['/sdk/..%2f..%2fetc%2fpasswd', '/sdk/%2e%2e/meeting/index.html', '/sdk//etc/passwd']) {
      expect((await call(path)).status).toBe(404);
    }
  });

  it('leads from bare addresses to the page', async () => {
    const answer = async (path: string) => {
      const { status, headers } = await fetch(app.url + path, { redirect: 'manual' });
      return [status, headers.get('location')];
    };
    expect(await answer('/meet?x=1')).toEqual([308, '/meet/?x=1']);
    expect(await answer('/')).toEqual([302, '/meet/']);
  });
});

describe('health and metrics', () => {
  it('is live and ready, and not ready when a part fails', async () => {
    expect((await call('/health/live')).body).toEqual({ status: 'ok' });
    expect(await call('/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'ok', checks: { database: 'ok', 'object-store': 'ok' } },
    });
    let works = false;
    app.app.get(HealthRegistry).register('mill', async () => {
      if (!works) throw new Error('stands still');
    });
    expect(await call('/health/ready')).toMatchObject({
      status: 503,
      body: { status: 'failing', checks: { mill: 'failing' } },
    });
    works = true;
    expect((await call('/health/ready')).status).toBe(200);
  });

  it('stays ready, and says so, while a part fails without which it goes on', async () => {
    const health = app.app.get(HealthRegistry);
    health.register('store-room', () => Promise.reject(new Error('is locked')));
    health.tolerate('store-room');
    expect(await call('/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'ok', checks: { 'store-room': 'degraded' } },
    });
  });

  it('shows metrics to the holder of the key or of the metrics token only', async () => {
    expect((await call('/metrics')).status).toBe(401);
    expect((await call('/metrics', { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    const { body } = await call('/metrics', { headers: { authorization: 'Bearer metrics-token-0123' } });
    expect(body.text).toContain(
      'rushes_http_request_seconds_bucket{le="0.005",method="GET",route="/v1/things/mine",status="200"}',
    );
    expect((await call('/metrics', { headers: asKey })).status).toBe(200);
  });
});
