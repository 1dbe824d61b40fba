import { Inject, Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import { Metrics } from '@rushes/platform';

/** What became of a record. */
export type Outcome = 'recorded' | 'duplicate' | 'dropped' | 'dead-lettered';

@Injectable()
export class TimelineWriterMetrics {
  readonly records: Counter<'outcome'>;
  readonly flushSeconds: Histogram;

  constructor(@Inject(Metrics) metrics: Metrics) {
    const registers = [metrics.registry];
    this.records = new Counter({
      name: 'rushes_timeline_records_total',
      help: 'Log records taken by the timeline writer',
      labelNames: ['outcome'],
      registers,
    });
    this.flushSeconds = new Histogram({
      name: 'rushes_timeline_flush_seconds',
      help: 'Time to write chunks, rows and manifests of everything new',
      buckets: [0.01, 0.05, 0.2, 1, 5],
      registers,
    });
  }
}
