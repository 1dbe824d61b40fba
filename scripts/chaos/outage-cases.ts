import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceKind } from '../cluster/plan-processes.ts';
import type { Service } from '../services/index.ts';
import type { ChaosContext } from './chaos-context.ts';
import { whenAcknowledgedAfter, whenStoredAfter } from './kill-cases.ts';

/** What is taken away, and what must not happen for it. */
export type OutageCase = {
  name: string;
  /** Resolves when everything works again. */
  run: (context: ChaosContext) => Promise<void>;
  /** Longest time without an acknowledgement that counts as nobody noticing, milliseconds; null where a pause is expected. */
  longestSilenceMs: number | null;
  /** Whose processes the case ends itself; all others have to live through it. */
  ends?: ServiceKind;
};

/** How long an outage lasts. Milliseconds. */
const outageMs = 60_000;

/** A broker's death is noticed by clients as the time that the others take to elect leaders. Milliseconds. */
const electionMs = 15_000;

export const outageCases: readonly OutageCase[] = [
  {
    name: 'one of three brokers killed',
    longestSilenceMs: electionMs,
    run: async (context) => {
      const { kafka } = context.cluster.services;
      const broker = kafka!.nodes[1]!;
      const at = Date.now();
      await broker.kill();
      await whenAcknowledgedAfter(context.ledger, at);
      await whenStoredAfter(context, at);
      await broker.start();
      await kafka!.whenInSync();
    },
  },
  { name: 'all brokers stopped for 60 s', longestSilenceMs: null, run: outageOf(({ services }) => services.kafka!) },
  { name: 'S3 stopped for 60 s', longestSilenceMs: electionMs, run: outageOf(({ services }) => services.s3!) },
  { name: 'PostgreSQL stopped for 60 s', longestSilenceMs: null, run: outageOf(({ services }) => services.postgres!) },
  {
    name: 'one of two timeline-writers gone',
    ends: 'timeline-writer',
    longestSilenceMs: electionMs,
    run: async (context) => {
      const [gone] = context.cluster.of('timeline-writer');
      const at = Date.now();
      await gone!.killForGood();
      // The other one has all partitions now: what is said from here on is stored by it.
      await whenStoredAfter(context, at);
      gone!.start();
      await gone!.whenReady();
    },
  },
];

function outageOf(pick: (cluster: ChaosContext['cluster']) => Service): OutageCase['run'] {
  return async (context) => {
    const service = pick(context.cluster);
    await service.stop();
    await pause(outageMs);
    const at = Date.now();
    await service.start();
    await whenAcknowledgedAfter(context.ledger, at);
    await context.cluster.whenReady();
    await whenStoredAfter(context, Date.now());
  };
}
