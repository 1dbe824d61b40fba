import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { printChaos } from '../../scripts/chaos/print-chaos.ts';
import { runChaos } from '../../scripts/chaos/run-chaos.ts';
import { describeWith } from '../fixtures/services.ts';

/** `npm run chaos` kills every service twenty times and takes Kafka, S3 and PostgreSQL away; here the ones that hold events. */
describeWith(
  ['kafka', 's3', 'postgres', 'haproxy'],
  'a cluster whose services are killed with -9 under a meeting',
  () => {
    it('loses and doubles nothing that was acknowledged, and little media', { timeout: 240_000 }, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'rushes-chaos-'));
      const lines: string[] = [];
      try {
        const report = await runChaos({
          folder,
          times: 1,
          only: ['gateway', 'recorder', 'timeline-writer'],
          hasOutages: false,
          hasExports: false,
          kafkaNodes: 1,
          people: 1,
          counts: { renderer: 1 },
          say: (text) => lines.push(text),
        });
        printChaos(report, (text) => lines.push(text));
        expect(report.violations, lines.join('\n')).toEqual([]);
        for (const { acknowledged, name } of report.results) expect(acknowledged, name).toBeGreaterThan(0);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  },
);
