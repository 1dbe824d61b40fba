import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { monotonicEpochMs } from '@rushes/platform/clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { FeedConnection } from './feed-connection.ts';
import { RemoteClock } from './remote-clock.ts';

const server = createServer();
const sockets = new Set<Socket>();
server.on('connection', (socket) => sockets.add(socket));
let address: { apiUrl: string; apiKey: string; clock: RemoteClock };

beforeEach(async () => {
  server.removeAllListeners('upgrade').listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  address = { apiUrl: `http://127.0.0.1:${port}`, apiKey: 'k', clock: new RemoteClock(monotonicEpochMs) };
});
afterEach(async () => {
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
});

describe('a recorder that takes connections and nothing more, as a frozen one does', () => {
  beforeEach(() => {
    const recorder = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) => {
      recorder.handleUpgrade(request, socket, head, () => socket.pause());
    });
  });

  it('is given up when it has not answered a probe in time', async () => {
    const connection = await FeedConnection.open({ ...address, probeMs: 50, answerMs: 100 });
    await new Promise<void>((resolve) => (connection.onClose = resolve));
  });

  it('is given only so much at once', async () => {
    const connection = await FeedConnection.open({ ...address, probeMs: 1000, answerMs: 1000 });
    const closed = new Promise<void>((resolve) => (connection.onClose = resolve));
    let sentBytes = 0;
    for (const frame = new Uint8Array(64 * 1024); !connection.isBusy; sentBytes += frame.length) {
      expect(sentBytes).toBeLessThan(100_000_000);
      connection.sendBinary(frame);
    }
    expect(sentBytes).toBeGreaterThan(1_000_000);
    await closed;
  });
});

it('says that the recorder is not to be reached when the connection breaks in the middle of another answer', async () => {
  server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 1000\r\n\r\n<html>', () => socket.destroy());
  });
  await expect(FeedConnection.open(address)).rejects.toMatchObject({ code: 'recorder-unreachable', retriable: true });
});

it('reads no more of an answer than a problem document may have', async () => {
  server.on('upgrade', (_request, socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const writing = setInterval(() => socket.write('x'.repeat(10_000)), 1);
    socket.on('close', () => clearInterval(writing));
  });
  await expect(FeedConnection.open(address)).rejects.toMatchObject({ retriable: true });
});
