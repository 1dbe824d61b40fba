import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';

export type PageLoad = {
  /** `ws://…/v1/capture?token=…` of one participant. */
  url: string;
  participantId: string;
  pages: number;
};

/** Masking is a browser's work, none of the gateway's: with a mask of zeros `ws` spares it. */
const unmasked = { perMessageDeflate: false, generateMask: (mask: Buffer) => void mask.fill(0) };

/** How many a page has ready when a round begins. */
const mostReadyBatches = 100;

export type SendOptions = { durationMs: number; pauseMs: number; eventsPerBatch: number };

/** Captured pages that send batch after batch, each when the one before is acknowledged; messages are made in advance. */
export class Pages {
  readonly #sockets: { socket: WebSocket; source: string; seq: number }[] = [];

  static async connect(load: PageLoad): Promise<Pages> {
    const pages = new Pages();
    for (let page = 0; page < load.pages; page++) {
      const socket = new WebSocket(load.url, unmasked);
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      const source = `participants/${load.participantId}/${randomUUID()}`;
      await ask(socket, JSON.stringify({ kind: 'hello', protocol: 1, source }));
      pages.#sockets.push({ socket, source, seq: 0 });
    }
    return pages;
  }

  /** Sends for `durationMs`, with `pauseMs` after each batch. @returns events acknowledged, and the time each batch waited, milliseconds */
  async send({
    durationMs,
    pauseMs,
    eventsPerBatch,
  }: SendOptions): Promise<{ events: number; waitsMs: number[]; seconds: number }> {
    const waitsMs: number[] = [];
    const readyBatches = pauseMs > 0 ? 1 : mostReadyBatches;
    const ready = this.#sockets.map((page) =>
      Array.from({ length: readyBatches }, (_, index) =>
        batch(page.source, page.seq + index * eventsPerBatch, eventsPerBatch),
      ),
    );
    const startedAt = performance.now();
    await Promise.all(
      this.#sockets.map(async (page, index) => {
        // Pages do not speak in chorus.
        if (pauseMs > 0) await pause((pauseMs * index) / this.#sockets.length);
        while (performance.now() - startedAt < durationMs) {
          const message = ready[index]!.shift() ?? batch(page.source, page.seq, eventsPerBatch);
          page.seq += eventsPerBatch;
          const sentAt = performance.now();
          const reply = await ask(page.socket, message);
          if (!reply.includes('"ack"')) throw new Error(`expected ack, got ${reply}`);
          waitsMs.push(performance.now() - sentAt);
          if (pauseMs > 0) await pause(pauseMs);
        }
      }),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    return { events: waitsMs.length * eventsPerBatch, waitsMs, seconds };
  }

  close(): void {
    for (const { socket } of this.#sockets) socket.terminate();
  }
}

/** Fails by the closed socket's error when the gateway goes away. */
async function ask(socket: WebSocket, message: string | Buffer): Promise<string> {
  const replied = once(socket, 'message');
  await new Promise<void>((resolve, reject) => {
    socket.send(message, { binary: false }, (error) => (error ? reject(error) : resolve()));
  });
  const [data] = (await replied) as [Buffer];
  return data.toString();
}

/** One chat line among nine page events of the usual size, as bytes of JSON. */
function batch(source: string, first: number, count: number): Buffer {
  const events = Array.from({ length: count }, (_, index) => event(first + index));
  return Buffer.from(`{"kind":"batch","batchId":${first},"source":"${source}","events":[${events.join(',')}]}`);
}

function event(seq: number): string {
  if (seq % 10 === 0) {
    return `{"seq":${seq},"type":"rushes.chat.message-sent.v1","atMs":${seq},"data":{"messageId":"m${seq}","text":"Hello"}}`;
  }
  const attributes =
    '[{"id":12,"attributes":{"class":"tile speaking","style":{"width":"320px","transform":"scale(1.02)"}}}]';
  const rrweb = `{"type":3,"timestamp":0,"data":{"source":0,"texts":[],"removes":[],"adds":[],"attributes":${attributes}}}`;
  return `{"seq":${seq},"type":"rushes.dom.recorded.v1","atMs":${seq},"data":{"surface":"ann","event":${rrweb}}}`;
}

/** @param share 0.99 for the 99th percentile */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
