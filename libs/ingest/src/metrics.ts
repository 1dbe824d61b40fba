import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Metrics } from '@rushes/platform';

/** What the gateway counts. */
@Injectable()
export class IngestMetrics {
  readonly connections: Gauge;
  readonly events: Counter<'family'>;
  readonly duplicates: Counter;
  readonly refusals: Counter<'code'>;
  readonly claims: Counter;
  readonly sanitised: Counter;

  constructor(@Inject(Metrics) metrics: Metrics) {
    const registers = [metrics.registry];
    this.connections = new Gauge({
      name: 'rushes_ingest_connections',
      help: 'Captured pages connected now',
      registers,
    });
    this.events = new Counter({
      name: 'rushes_ingest_events_total',
      help: 'Events acknowledged',
      labelNames: ['family'],
      registers,
    });
    this.duplicates = new Counter({
      name: 'rushes_ingest_duplicates_total',
      help: 'Events that had been acknowledged before',
      registers,
    });
    this.refusals = new Counter({
      name: 'rushes_ingest_refusals_total',
      help: 'Messages refused',
      labelNames: ['code'],
      registers,
    });
    this.claims = new Counter({
      name: 'rushes_ingest_claims_total',
      help: 'Payloads put into the object store for their size',
      registers,
    });
    this.sanitised = new Counter({
      name: 'rushes_ingest_sanitised_total',
      help: 'Harmful parts taken out of recorded pages',
      registers,
    });
  }
}
