import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { applyTopics } from '@rushes/event-log/kafka';
import { startServices } from '../../../scripts/services/index.ts';
import { Pages, percentile } from './page-load.ts';

const writers = 8;
const eventsPerBatch = 100;
const warmUpMs = 3_000;
const measuredMs = 8_000;
const idlePages = 500;
const idleRounds = 3;
const idleMs = 10_000;

export type GatewayFigures = {
  perSecond: number;
  p99Ms: number;
  /** kafkajs alone: with our compression, and with none. */
  bareZstd: number;
  bareUncompressed: number;
  /** What 500 connected pages' traffic leaves behind from the first round to the last, MB. */
  grownMb: number;
  residentMb: number;
  pagesP99Ms: number;
};

/** One gateway process into a Kafka of its own, and the same bytes by kafkajs alone. */
export async function measureGateway(): Promise<GatewayFigures> {
  const services = await startServices({ only: ['kafka'] });
  try {
    const topicPrefix = `${randomUUID()}.`;
    const broker = services.kafka!.brokers[0]!;
    await applyTopics({ connection: { brokers: [broker], topicPrefix } });
    const gateway = await Gateway.start(broker, topicPrefix);
    const busy = await gateway.connect(writers / gateway.urls.length);
    await busy.send(warmUpMs);
    const { perSecond, p99Ms } = await busy.send(measuredMs);
    busy.close();
    const bareZstd = await bare(broker, topicPrefix, 'zstd');
    const bareUncompressed = await bare(broker, topicPrefix, 'none');

    const many = await gateway.connect(Math.ceil(idlePages / gateway.urls.length));
    await many.send(idleMs, 1_000, 10);
    const before = await gateway.memory();
    let pagesP99Ms = 0;
    for (let round = 0; round < idleRounds; round++) pagesP99Ms = (await many.send(idleMs, 1_000, 10)).p99Ms;
    const after = await gateway.memory();
    many.close();
    await gateway.stop();
    const grownMb = after.usedMb - before.usedMb;
    return { perSecond, p99Ms, bareZstd, bareUncompressed, grownMb, residentMb: after.residentMb, pagesP99Ms };
  } finally {
    await services.stop();
  }
}

async function bare(broker: string, topicPrefix: string, codec: string): Promise<number> {
  const script = join(import.meta.dirname, 'bare-producer.ts');
  const args = [broker, topicPrefix, writers, eventsPerBatch, measuredMs, codec].map(String);
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, ...args]);
  return Number(stdout);
}

class Gateway {
  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly lines: AsyncIterator<string>,
    readonly urls: string[],
  ) {}

  static async start(broker: string, topicPrefix: string): Promise<Gateway> {
    const script = join(import.meta.dirname, 'gateway-process.ts');
    const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', script, String(writers)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, RUSHES_KAFKA_BROKERS: broker, RUSHES_KAFKA_TOPIC_PREFIX: topicPrefix },
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const first = await lines.next();
    return new Gateway(child, lines, JSON.parse(String(first.value)) as string[]);
  }

  /** So many pages in each recording. */
  async connect(pages: number) {
    const load = { participantId: 'ann', pages };
    const groups = await Promise.all(this.urls.map((url) => Pages.connect({ ...load, url })));
    return {
      close: () => groups.forEach((group) => group.close()),
      send: async (durationMs: number, pauseMs = 0, batch = eventsPerBatch) => {
        const sent = await Promise.all(
          groups.map((group) => group.send({ durationMs, pauseMs, eventsPerBatch: batch })),
        );
        const waitsMs = sent.flatMap((each) => each.waitsMs);
        const perSecond = sent.reduce((sum, { events, seconds }) => sum + events / seconds, 0);
        return { perSecond, p99Ms: percentile(waitsMs, 0.99) };
      },
    };
  }

  async memory(): Promise<{ usedMb: number; residentMb: number }> {
    this.child.stdin.write('\n');
    return JSON.parse(String((await this.lines.next()).value)) as { usedMb: number; residentMb: number };
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.stdin.end();
    await exited;
  }
}
