import { once } from 'node:events';
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TokenService } from '../auth/token-service.ts';
import { startTestApplication, type TestApplication } from '../testing/index.ts';
import { upgradeToken } from './upgrade-token.ts';
import { WebSocketRoutes } from './web-socket-routes.ts';

@Module({})
class EchoModule implements OnModuleInit {
  constructor(
    @Inject(WebSocketRoutes) private readonly routes: WebSocketRoutes,
    @Inject(TokenService) private readonly tokens: TokenService,
  ) {}

  onModuleInit(): void {
    this.routes.register('/v1/echo', {
      maxPayloadBytes: 100,
      authorise: (request) => this.tokens.verify(upgradeToken(request), 'capture'),
      onConnection: (socket, { participantId }) => {
        socket.on('message', (data) => socket.send(`${participantId}: ${(data as Buffer).toString()}`));
      },
    });
  }
}

let app: TestApplication;
let tokens: TokenService;

beforeAll(async () => {
  app = await startTestApplication([EchoModule]);
  tokens = app.app.get(TokenService);
}, 60_000);

afterAll(() => app.close());

describe('WebSocket routes', () => {
  const connect = (path: string) => new WebSocket(app.url.replace('http', 'ws') + path);
  const refusal = (path: string) =>
    new Promise<{ status: number | undefined; body: Record<string, unknown> }>((resolve, reject) => {
      connect(path).on('unexpected-response', (_, response) => {
        response.toArray().then((parts) => {
          const body = JSON.parse(Buffer.concat(parts as Buffer[]).toString()) as Record<string, unknown>;
          resolve({ status: response.statusCode, body });
        }, reject);
      });
    });

  it('admits a page with its token and tells the handler who it is', async () => {
    const token = await tokens.issue({ scope: 'capture', recordingId: 'r1', participantId: 'p1' }, 60);
    const socket = connect(`/v1/echo?token=${token}`);
    const answer = await new Promise<string>((resolve, reject) => {
      socket.on('open', () => socket.send('hello')).on('error', reject);
      socket.on('message', (data) => resolve((data as Buffer).toString()));
    });
    expect(answer).toBe('p1: hello');
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    socket.send('x'.repeat(101));
    expect(await closed).toBe(1009);
  });

  it('refuses an upgrade with a problem', async () => {
    const viewer = await tokens.issue({ scope: 'viewer', canExport: true }, 60);
    expect(await refusal('/v1/echo')).toMatchObject({ status: 401, body: { code: 'token-missing' } });
    expect(await refusal(`/v1/echo?token=${viewer}`)).toMatchObject({ status: 403, body: { code: 'token-scope' } });
    expect(await refusal('/v1/nothing')).toMatchObject({ status: 404, body: { code: 'path-not-found' } });
  });

  it('tells pages that the server goes, so that they come back elsewhere', async () => {
    const socket = connect(
      `/v1/echo?token=${await tokens.issue({ scope: 'capture', recordingId: 'r1', participantId: 'p1' }, 60)}`,
    );
    await once(socket, 'open');
    const closed = once(socket, 'close');
    await app.close();
    expect((await closed)[0]).toBe(1001);
  });
});
