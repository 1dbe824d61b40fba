import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { troubled, type Fate, type Trouble } from './trouble.ts';

/** Where the relay listens: a loopback address of its own, so that it can have the very port of what it stands before. */
export const relayIp = '127.0.0.2';

export type Relay = {
  /** What happens to packets from now on, both ways. Draws anew from the seed. */
  setTrouble(trouble: Trouble): void;
  /** Packets that came and those that were let go on, both ways. */
  readonly counts: { came: number; went: number };
  close(): Promise<void>;
};

export type RelayOptions = {
  port: number;
  seed: number;
  /** Is told each datagram to the SFU before anything happens to it. */
  onSent?: (datagram: Buffer) => void;
};

/**
 * A UDP relay on {@link relayIp} before a port of 127.0.0.1, that loses, delays and swaps packets as it is told. An SFU that announces
 * the relay's address is reached through it: the browser's ICE connects to it as to any host.
 * What it decides depends on the seed and on when packets come, on nothing else.
 */
export async function openRelay({ port, seed, onSent }: RelayOptions): Promise<Relay> {
  const front = createSocket('udp4');
  front.bind(port, relayIp);
  await once(front, 'listening');
  const startedAt = performance.now();
  const counts = { came: 0, went: 0 };
  const backs = new Map<string, Socket>();
  const timers = new Set<NodeJS.Timeout>();
  let up = troubled({}, seed);
  let down = troubled({}, seed + 1);
  let isClosed = false;

  const forward = (decide: (atMs: number, sizeBytes: number) => Fate, packet: Buffer, send: () => void): void => {
    const nowMs = performance.now() - startedAt;
    counts.came++;
    for (const leavesMs of decide(nowMs, packet.length)) {
      counts.went++;
      const waitMs = leavesMs - nowMs;
      // Timers have whole milliseconds, and are late rather than early.
      if (waitMs < 1) {
        send();
        continue;
      }
      const timer = setTimeout(() => {
        timers.delete(timer);
        if (!isClosed) send();
      }, waitMs);
      timers.add(timer);
    }
  };
  const backOf = ({ address, port: clientPort }: RemoteInfo): Socket => {
    const name = `${address}:${clientPort}`;
    let back = backs.get(name);
    if (!back) {
      back = createSocket('udp4');
      back.bind(0, '127.0.0.1');
      back.on('message', (packet) => forward(down, packet, () => front.send(packet, clientPort, address)));
      backs.set(name, back);
    }
    return back;
  };
  front.on('message', (packet, from) => {
    onSent?.(packet);
    const back = backOf(from);
    forward(up, packet, () => back.send(packet, port, '127.0.0.1'));
  });

  return {
    counts,
    setTrouble(trouble) {
      up = troubled(trouble, seed);
      down = troubled(trouble, seed + 1);
    },
    async close() {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
      const sockets = [front, ...backs.values()];
      const closed = Promise.all(sockets.map((socket) => once(socket, 'close')));
      for (const socket of sockets) socket.close();
      await closed;
    },
  };
}
