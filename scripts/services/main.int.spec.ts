import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../test/fixtures/services.ts';
import { RunningServices } from './running-services.ts';
import { isAlive } from './process-table.ts';
import type { ServicesState } from './services-state.ts';
import { readStateFile } from './state-file.ts';

describeWith(['kafka', 'postgres'], 'npm run services', () => {
  let folder: string;
  let stateFile: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rushes-services-spec-'));
    stateFile = join(folder, 'services.json');
  });
  afterAll(async () => {
    await services('stop');
    await rm(folder, { recursive: true, force: true });
  });

  it('starts what was asked for and leaves it running; what has died starts again with its data; nothing is left', async () => {
    expect(await services('status')).toMatchObject({ code: 3, stdout: 'No services were started.\n' });

    const started = await services('start', '--only', 'kafka,postgres', '--kafka-nodes', '1');
    expect(started.code, started.stderr).toBe(0);
    expect(started.stdout).toMatch(/kafka node 1 .* pid \d+\npostgres .* pid \d+\n/);
    const first = read();
    await produce(first, 'before');
    await query(first, 'create table kept (line text)');

    const opened = await RunningServices.open(first, { endsWithParent: false });
    await opened.kafka!.nodes[0]!.kill();
    await opened.postgres!.kill();
    const status = await services('status');
    expect(status).toMatchObject({ code: 3 });
    expect(status.stdout).toMatch(/kafka node 1 .* not running\npostgres .* not running\n/);

    const again = await services('start');
    expect(again.code, again.stderr).toBe(0);
    const second = read();
    expect(second.kafka!.brokers).toEqual(first.kafka!.brokers);
    expect(second.kafka!.nodes[0]!.pid).not.toBe(first.kafka!.nodes[0]!.pid);
    expect(await produce(second, 'after')).toBe('1');
    await query(second, `insert into kept values ('x')`);

    expect(await services('stop')).toMatchObject({ code: 0, stdout: 'Stopped, data removed.\n' });
    expect(existsSync(stateFile)).toBe(false);
    expect(existsSync(first.folder)).toBe(false);
    const processes = [second.kafka!.nodes[0]!, second.postgres!] as { pid: number; startedAtTicks: number }[];
    expect(processes.map(isAlive)).toEqual([false, false]);
  }, 300_000);

  it.each([
    ['an unknown service', ['start', '--only', 'kafka,mysql'], '--only: expected some of kafka, s3'],
    ['two nodes', ['start', '--kafka-nodes', '2'], '--kafka-nodes: expected 1 or 3, not "2"'],
    ['another word', ['restart'], 'expected start, stop or status, not "restart"'],
  ])('refuses %s by name and starts nothing', async (_case, args, message) => {
    const refused = await services(...args);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(message);
    expect(existsSync(stateFile)).toBe(false);
  });

  function read(): ServicesState {
    return readStateFile(stateFile)!;
  }

  async function services(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const command = ['--import', 'tsx', 'scripts/services/main.ts', ...args, '--state', stateFile];
    return promisify(execFile)(process.execPath, command).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  }
});

/** Makes the topic if need be; resolves with the record's offset. */
async function produce({ kafka }: ServicesState, value: string): Promise<string> {
  const client = new Kafka({ brokers: kafka!.brokers, logLevel: logLevel.NOTHING });
  const [admin, producer] = [client.admin(), client.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }], waitForLeaders: true });
  const [record] = await producer.send({ topic: 'kept', acks: -1, messages: [{ value }] });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  return record!.baseOffset!;
}

async function query({ postgres }: ServicesState, statement: string): Promise<void> {
  const client = new Client({ connectionString: postgres!.url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
