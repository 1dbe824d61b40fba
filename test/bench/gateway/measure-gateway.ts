import { randomUUID } from 'node:crypto';
import { applyTopics } from '@rushes/event-log/kafka';
import { startServices } from '../../../scripts/services/index.ts';
import type { BareAnswer, BareRequest } from './bare-producer.ts';
import type { GatewayRequest, GatewayUsage } from './gateway-process.ts';
import { LineProcess } from './line-process.ts';
import type { LoadAnswer, LoadRequest } from './load-process.ts';
import { percentile } from './page-load.ts';

const writers = 8;
const eventsPerBatch = 100;
const warmUpMs = 3_000;
const rounds = 7;
const roundMs = 2_000;
const idlePages = 500;
const idleRounds = 3;
const idleMs = 10_000;

export type GatewayFigures = {
  perSecond: number;
  p99Ms: number;
  /** kafkajs alone, events a second: with our compression, and with none. */
  bareZstd: number;
  bareUncompressed: number;
  /** `perSecond` to `bareZstd` in the middle one of all rounds. */
  share: number;
  /** Processor time of the gateway's process for an event, and of the one that is kafkajs alone, microseconds. */
  cpuMicros: number;
  bareCpuMicros: number;
  /** What 500 connected pages' traffic leaves behind from the first round to the last, MB. */
  grownMb: number;
  residentMb: number;
  pagesP99Ms: number;
};

/**
 * One gateway process on a Kafka and a PostgreSQL of its own, and the same bytes by kafkajs alone: in turn, in short rounds of which the middle
 * one counts, so that what else the machine does concerns all of them alike.
 */
export async function measureGateway(): Promise<GatewayFigures> {
  const services = await startServices({ only: ['kafka', 'postgres'] });
  try {
    const topicPrefix = `${randomUUID()}.`;
    const broker = services.kafka!.brokers[0]!;
    await applyTopics({ connection: { brokers: [broker], topicPrefix } });
    const { process: gateway, ready: urls } = await LineProcess.start<string[]>('gateway-process.ts', [writers], {
      env: { ...services.env(), RUSHES_KAFKA_TOPIC_PREFIX: topicPrefix },
      nodeOptions: ['--expose-gc'],
    });
    const { process: load } = await LineProcess.start('load-process.ts', [JSON.stringify(urls)]);
    const { process: bare } = await LineProcess.start('bare-producer.ts', [
      broker,
      topicPrefix,
      writers,
      eventsPerBatch,
    ]);
    const throughput = await compare(load, bare, gateway);
    const memory = await growth(load, gateway);
    await Promise.all([load.stop(), bare.stop()]);
    await gateway.stop();
    return { ...throughput, ...memory };
  } finally {
    await services.stop();
  }
}

async function compare(load: LineProcess, bare: LineProcess, gateway: LineProcess) {
  const busy = (durationMs: number): LoadRequest => ({ pages: writers, durationMs, pauseMs: 0, eventsPerBatch });
  const alone = (codec: BareRequest['codec'], durationMs: number) =>
    bare.ask<BareAnswer>({ codec, durationMs } satisfies BareRequest);
  await load.ask<LoadAnswer>(busy(warmUpMs));
  await alone('zstd', warmUpMs);
  const ours: LoadAnswer[] = [];
  const cpuMicros: number[] = [];
  const zstd: BareAnswer[] = [];
  const none: BareAnswer[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = await usage(gateway, 'processor');
    const answer = await load.ask<LoadAnswer>(busy(roundMs));
    const after = await usage(gateway, 'processor');
    ours.push(answer);
    cpuMicros.push(((after.cpuMs - before.cpuMs) * 1_000) / answer.events);
    zstd.push(await alone('zstd', roundMs));
    none.push(await alone('none', roundMs));
  }
  return {
    perSecond: median(ours.map(({ perSecond }) => perSecond)),
    p99Ms: median(ours.map(({ p99Ms }) => p99Ms)),
    bareZstd: median(zstd.map(({ perSecond }) => perSecond)),
    bareUncompressed: median(none.map(({ perSecond }) => perSecond)),
    share: median(ours.map(({ perSecond }, round) => perSecond / zstd[round]!.perSecond)),
    cpuMicros: median(cpuMicros),
    bareCpuMicros: median(zstd.map((each) => each.cpuMicros)),
  };
}

async function growth(load: LineProcess, gateway: LineProcess) {
  const request: LoadRequest = { pages: idlePages, durationMs: idleMs, pauseMs: 1_000, eventsPerBatch: 10 };
  await load.ask<LoadAnswer>(request);
  const before = await usage(gateway, 'memory');
  let pagesP99Ms = 0;
  for (let round = 0; round < idleRounds; round++) pagesP99Ms = (await load.ask<LoadAnswer>(request)).p99Ms;
  const after = await usage(gateway, 'memory');
  return { grownMb: after.usedMb - before.usedMb, residentMb: after.residentMb, pagesP99Ms };
}

function usage(gateway: LineProcess, request: GatewayRequest): Promise<GatewayUsage> {
  return gateway.ask<GatewayUsage>(request);
}

function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
