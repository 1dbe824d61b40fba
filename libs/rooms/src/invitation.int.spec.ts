import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '@rushes/platform';
import { PageClient } from './testing/page-client.ts';
import { startRooms, type RunningRooms } from './testing/start-rooms.ts';

let rooms: RunningRooms;
const clients: PageClient[] = [];

beforeAll(async () => {
  rooms = await startRooms();
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.drop()));
  await rooms.close();
});

/** Enters with a token; what the server said in welcome, and the page's client. */
async function come(token: string) {
  const client = await PageClient.connect(rooms.url, token);
  clients.push(client);
  const welcome = await client.when('welcome');
  await client.request('join', { name: 'Somebody' });
  return { client, ...welcome };
}

it('an invitation lets many guests in, each as somebody else, and each back in as who they were', async () => {
  const roomId = newId();
  const host = await come(await rooms.issue({ roomId, participantId: 'ada', role: 'host' }));
  const { token } = await host.client.request('invite', {});
  const [ben, cleo] = [await come(token), await come(token)];
  expect([ben.role, cleo.role]).toEqual(['guest', 'guest']);
  expect(new Set(['ada', ben.participantId, cleo.participantId]).size).toBe(3);
  expect((await cleo.client.request('readState', {})).state.participants[ben.participantId]).toBeDefined();

  await ben.client.drop();
  const again = await come(ben.ownToken!);
  expect(again).toMatchObject({ participantId: ben.participantId, ownToken: null });
  expect(await again.client.refusalOf('invite', {})).toMatchObject({ code: 'not-allowed' });
});
