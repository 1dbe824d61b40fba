import { Counter } from 'prom-client';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EventLog, topics, type LogRecord, type Subscription } from '@rushes/event-log';
import { isPluginEvent } from '@rushes/timeline';
import { ConsumerLag, Metrics } from '@rushes/platform';
import { EventCountStore } from './event-count-store.ts';

/** A first consumer of the stream: counts interactive events by type, in the database and for Prometheus. */
@Injectable()
export class EventCounter implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #total: Counter<'type'>;
  #subscription: Subscription | undefined;

  constructor(
    @Inject(EventLog) private readonly eventLog: EventLog,
    @Inject(EventCountStore) private readonly store: EventCountStore,
    @Inject(ConsumerLag) private readonly lag: ConsumerLag,
    @Inject(Metrics) metrics: Metrics,
  ) {
    this.#total = new Counter({
      name: 'rushes_events_total',
      help: 'Interactive events of all recordings counted by this process, by type; plugins together',
      labelNames: ['type'],
      registers: [metrics.registry],
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    this.#subscription = await this.eventLog.subscribe({
      group: 'analytics',
      topics: [topics.events],
      onRecords: (records) => this.count(records),
    });
    this.lag.watch('analytics', this.#subscription);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#subscription?.close();
  }

  /** Resolves when everything that is in the log now is counted. */
  async whenCaughtUp(): Promise<void> {
    await this.#subscription?.whenCaughtUp();
  }

  private async count(records: readonly LogRecord[]): Promise<void> {
    const counts = await this.store.add(records.map((record) => record.event));
    for (const { type, count } of counts) {
      // Anybody can name a plugin: a label of its own for each would be without bounds.
      this.#total.inc({ type: isPluginEvent({ type }) ? 'rushes.plugin.*' : type }, count);
    }
  }
}
