import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, expect, it, vi } from 'vitest';
import { describeWith } from '../../test/fixtures/services.ts';
import { isAlive } from './process-table.ts';
import type { ServicesState } from './services-state.ts';
import { startServices } from './start-services.ts';

describeWith('kafka', 'Three brokers', () => {
  it('go on taking records when one is killed, and have all of them in sync once it is started again', async () => {
    const services = await startServices({ only: ['kafka'], kafkaNodes: 3 });
    try {
      const { nodes, brokers } = services.kafka!;
      expect(brokers).toHaveLength(3);
      const client = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
      const [admin, producer] = [client.admin(), client.producer({ idempotent: true })];
      await Promise.all([admin.connect(), producer.connect()]);
      await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 3 }], waitForLeaders: true });
      const send = (partition: number) =>
        producer.send({ topic: 'kept', acks: -1, messages: [{ value: 'x', partition }] });
      await Promise.all([0, 1, 2].map(send));
      await nodes[2]!.kill();
      expect(nodes.map((node) => node.isRunning)).toEqual([true, true, false]);
      await Promise.all([0, 1, 2].map(send));
      await nodes[2]!.start();
      await services.kafka!.whenInSync();
      const offsets = await admin.fetchTopicOffsets('kept');
      expect(offsets.map(({ offset }) => offset)).toEqual(['2', '2', '2']);
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    } finally {
      await services.stop();
    }
    expect(services.kafka!.nodes.map((node) => node.pid)).toEqual([undefined, undefined, undefined]);
  }, 300_000);
});

describeWith(['postgres', 's3'], 'startServices', () => {
  let folder: string | undefined;
  afterEach(async () => {
    vi.unstubAllEnvs();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  it('leaves no process and no data behind when one service does not start', async () => {
    folder = await mkdtemp(join(tmpdir(), 'rushes-services-spec-'));
    // PostgreSQL's user has to pass through.
    await chmod(folder, 0o711);
    const bin = join(folder, 'bin');
    await mkdir(bin);
    for (const name of ['setpriv', 'id']) await symlink(join('/usr/bin', name), join(bin, name));
    vi.stubEnv('TMPDIR', folder);
    // No Java is found there, so the S3 server ends at once, while PostgreSQL is being started.
    vi.stubEnv('PATH', bin);
    let state: ServicesState | undefined;
    const started = startServices({ only: ['postgres', 's3'], onChange: (changed) => (state = changed) });
    await expect(started).rejects.toThrow(/^S3 server s3proxy ended as it started:\n.*java/);
    expect(await readdir(folder)).toEqual(['bin']);
    const { pid, startedAtTicks } = state!.postgres!;
    expect(isAlive({ pid: pid!, startedAtTicks: startedAtTicks! })).toBe(false);
  });

  it('ends what it started with the process that asked, however that ends', async () => {
    folder = await mkdtemp(join(tmpdir(), 'rushes-services-spec-'));
    await chmod(folder, 0o711);
    const script = `
      import { startServices } from './scripts/services/index.ts';
      const { state } = await startServices({ only: ['postgres'] });
      console.log(JSON.stringify(state));
      setInterval(() => undefined, 1000);`;
    const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
    const { pid, startedAtTicks } = (JSON.parse(line) as ServicesState).postgres!;
    const postgres = { pid: pid!, startedAtTicks: startedAtTicks! };
    expect(isAlive(postgres)).toBe(true);
    owner.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(postgres)).toBe(false), 20_000);
  });
});
