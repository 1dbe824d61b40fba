import { Command } from 'commander';
import { openEventLog, openObjectStore, EventPublishers, Metrics, createLogger } from '@rushes/platform';
import { rederiveRecording, type RederivedTrack } from '@rushes/recorder';
import type { Gap } from '@rushes/timeline';
import { readConfig, withDatabase } from '../installation.ts';
import { printTable } from '../print.ts';

/** How long the last announcement may take to reach the event log. Milliseconds. */
const lastEventsMs = 10_000;

/** `rushes derive <recordingId>` */
export function deriveCommand(): Command {
  return new Command('derive')
    .description('make every media file of an ended recording anew from its raw packets')
    .argument('<recordingId>', 'the recording')
    .action(async (recordingId: string) => {
      const tracks = await derive(recordingId);
      printTable(
        ['track', 'source', 'file', 'bytes', 'reports', 'drift ppm', 'residual ms', 'outliers', 'gaps', 'sha256'],
        tracks.map(row),
      );
    });
}

function derive(recordingId: string): Promise<RederivedTrack[]> {
  const config = readConfig();
  // Standard output is for what was asked for.
  const logger = createLogger({ logLevel: 'warn', logFormat: 'json' }, process.stderr);
  return withDatabase(config, async (database) => {
    const [store, log] = [await openObjectStore(config), await openEventLog(config, database)];
    const publishers = new EventPublishers(log, store, logger, new Metrics());
    try {
      const publisher = publishers.create('derive');
      return await rederiveRecording(recordingId, { database, store, publisher, logger });
    } finally {
      await publishers.close(lastEventsMs);
      await log.close();
    }
  });
}

function row({ trackId, source, media, sync, gaps, sha256 }: RederivedTrack): string[] {
  const clock = [sync?.senderReports, sync?.driftPpm, sync?.residualP95Ms, sync?.outliers];
  const facts = [media?.key, media?.sizeBytes, ...clock, sumUp(gaps), sha256];
  return [trackId, source, ...facts.map((fact) => String(fact ?? '-'))];
}

/** `network-loss 2.4 s, muted 70.0 s`: how much is missing for each reason; undefined for nothing. */
function sumUp(gaps: readonly Gap[]): string | undefined {
  const sums = new Map<string, number>();
  for (const { reason, fromMs, toMs } of gaps) sums.set(reason, (sums.get(reason) ?? 0) + toMs - fromMs);
  const parts = [...sums].map(([reason, ms]) => `${reason} ${(ms / 1000).toFixed(1)} s`);
  return parts.length === 0 ? undefined : parts.join(', ');
}
