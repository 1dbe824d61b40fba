import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { EventLog } from '@rushes/event-log';
import { ObjectStore } from '@rushes/object-store';
import { Gauge } from 'prom-client';
import { newId } from '../ids/new-id.ts';
import { LOGGER, type Logger } from '../logging/logger.ts';
import { Metrics } from '../metrics/metrics.ts';
import { EventPublisher } from './event-publisher.ts';
import { PublishQueue } from './publish-queue.ts';

/** Makes the publishers of this process; each has a source, and an order, of its own. */
@Injectable()
export class EventPublishers {
  readonly #queues: PublishQueue[] = [];

  constructor(
    @Inject(EventLog) private readonly eventLog: EventLog,
    @Inject(ObjectStore) private readonly objectStore: ObjectStore,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Metrics) metrics: Metrics,
  ) {
    const count = () => this.waitingEvents;
    new Gauge({
      name: 'rushes_events_waiting',
      help: 'Events of this process that the log has not taken yet',
      registers: [metrics.registry],
      collect() {
        this.set(count());
      },
    });
  }

  /** @param service lower-case name of the service: `rooms` */
  create(service: string): EventPublisher {
    const source = `services/${service}/${newId()}`;
    const { eventLog, objectStore, logger } = this;
    const queue = new PublishQueue(source, { eventLog, objectStore, logger });
    this.#queues.push(queue);
    return new EventPublisher(queue, source);
  }

  /** Events that the log has not taken yet. */
  get waitingEvents(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.length, 0);
  }

  /** Waits up to `withinMs` for what waits to go out, then gives it up, loudly. To be called before the log is closed. */
  async close(withinMs: number): Promise<void> {
    const timeout = new AbortController();
    const empty = Promise.all(this.#queues.map((queue) => queue.whenEmpty()));
    await Promise.race([empty, pause(withinMs, undefined, { signal: timeout.signal }).catch(() => undefined)]);
    timeout.abort();
    for (const queue of this.#queues) queue.close();
  }
}
