import { Inject, Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import type { Subscription } from '@rushes/event-log';
import { Metrics } from './metrics.ts';

/** Whoever reads the metrics is not kept waiting by a log that is away, milliseconds. */
const patienceMs = 3_000;

/** How far this process's consumers are behind, asked when the metrics are read. */
@Injectable()
export class ConsumerLag {
  readonly #subscriptions = new Map<string, Pick<Subscription, 'lag'>>();

  constructor(@Inject(Metrics) metrics: Metrics) {
    const update = async (gauge: Gauge<'group'>) => {
      await Promise.all([...this.#subscriptions].map(([group, each]) => measure(gauge, group, each)));
    };
    new Gauge({
      name: 'rushes_consumer_lag_records',
      help: 'Records in the event log that a group has not been handed; missing while the log does not answer',
      labelNames: ['group'],
      registers: [metrics.registry],
      async collect() {
        await update(this);
      },
    });
  }

  watch(group: string, subscription: Pick<Subscription, 'lag'>): void {
    this.#subscriptions.set(group, subscription);
  }
}

async function measure(gauge: Gauge<'group'>, group: string, subscription: Pick<Subscription, 'lag'>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), patienceMs)));
  const lag = await Promise.race([subscription.lag().catch(() => undefined), late]);
  clearTimeout(timer);
  if (lag === undefined) gauge.remove(group);
  else gauge.set({ group }, lag);
}
