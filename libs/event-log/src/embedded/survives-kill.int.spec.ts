import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '@rushes/database';
import { copyTemplate } from '@rushes/database/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Collector } from '../contract/collector.ts';
import { topics } from '../event-log.ts';
import { EmbeddedEventLog } from './embedded-event-log.ts';

const program = fileURLToPath(new URL('./fixtures/append-until-killed.ts', import.meta.url));

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rushes-kill-'));
  await copyTemplate(dataDir);
}, 60_000);
afterAll(() => rm(dataDir, { recursive: true }));

/** Starts the writers, kills them with SIGKILL in the middle of their work, and says what they had been told is stored. */
async function appendAndKill(recordingId: string, afterAcknowledged: number): Promise<Map<string, number>> {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), program, dataDir, recordingId], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lastBySource = new Map<string, number>();
  let acknowledged = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [writer, seq] = line.split(' ');
    // The very last line may have been cut by the kill.
    if (writer === undefined || !seq) continue;
    lastBySource.set(`services/writer/${writer}`, Number(seq));
    acknowledged += 1;
    if (acknowledged === afterAcknowledged) child.kill('SIGKILL');
  }
  await exited;
  expect(acknowledged).toBeGreaterThanOrEqual(afterAcknowledged);
  return lastBySource;
}

it('has every acknowledged event, each once and in order, after three kills', { timeout: 120_000 }, async () => {
  const killed = new Map<string, Map<string, number>>();
  for (const [recordingId, count] of Object.entries({ first: 150, second: 700, third: 1_500 })) {
    killed.set(recordingId, await appendAndKill(recordingId, count));
  }
  const database = await openDatabase({ dataDir });
  const log = new EmbeddedEventLog(database);
  const collector = new Collector();
  const subscription = await log.subscribe({ group: 'g', topics: [topics.events], onRecords: collector.onRecords });
  await subscription.whenCaughtUp();
  await log.close();
  await database.close();

  for (const [recordingId, lastBySource] of killed) {
    for (const [source, last] of lastBySource) {
      const seqs = collector.records
        .filter(({ event }) => event.recordingid === recordingId && event.source === source)
        .map(({ event }) => event.seq);
      expect(seqs).toEqual(Array.from(seqs, (_, index) => index));
      expect(seqs.length).toBeGreaterThan(last);
    }
  }
});
