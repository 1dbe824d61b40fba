import type { Metrics } from '@rushes/platform';
import { Gauge } from 'prom-client';
import type { Spool } from './spool/spool.ts';

/** What the recorder shows in `/metrics`; read when somebody asks. */
export function registerMetrics(
  { registry }: Metrics,
  { tracks, spool }: { tracks: () => number; spool: Spool },
): void {
  const gauges = [
    { name: 'rushes_recorder_tracks', help: 'Tracks being recorded', read: tracks },
    {
      name: 'rushes_recorder_spool_bytes',
      help: 'Bytes on local disk that wait for the object store',
      read: () => spool.waitingBytes,
    },
    {
      name: 'rushes_recorder_spool_limit_bytes',
      help: 'Bytes on local disk beyond which packets are dropped',
      read: () => spool.limitBytes,
    },
    {
      name: 'rushes_recorder_spool_failing_seconds',
      help: 'How long nothing has left local disk; 0 while it does',
      read: () => spool.failingMs / 1000,
    },
  ];
  for (const { name, help, read } of gauges) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
}
