import type { Metrics } from '@rushes/platform';
import { Gauge } from 'prom-client';

/** What the recorder shows in `/metrics`; read when somebody asks. */
export function registerMetrics(
  { registry }: Metrics,
  sources: { tracks: () => number; spoolBytes: () => number },
): void {
  const gauges = [
    { name: 'rushes_recorder_tracks', help: 'Tracks being recorded', read: sources.tracks },
    {
      name: 'rushes_recorder_spool_bytes',
      help: 'Bytes on local disk that wait for the object store',
      read: sources.spoolBytes,
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
