import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { topics, type Subscription } from '@rushes/event-log';
import { KafkaEventLog } from '@rushes/event-log/kafka';
import { wrapEvent } from '@rushes/timeline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../../scripts/setup/ensure-built.mjs';
import { describeWith, kafkaBrokers, postgresUrl } from '../../../test/fixtures/services.ts';

const main = fileURLToPath(new URL('../../../dist/node/apps/cli/src/main.js', import.meta.url));
type Outcome = { exitCode: number; stdout: string; stderr: string };

/** The real command in a process of its own, in the given environment. */
function rushes(args: string, env: Record<string, string> = {}): Promise<Outcome> {
  const argv = [main, ...args.split(' ').filter((arg) => arg !== '')];
  const ownEnv = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('RUSHES_')));
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      argv,
      { env: { ...ownEnv, KAFKAJS_NO_PARTITIONER_WARNING: '1', ...env } },
      (error, stdout, stderr) => {
        resolve({ exitCode: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
      },
    );
  });
}

beforeAll(() => ensureBuilt('apps'), 120_000);

describe('the command line', { timeout: 60_000 }, () => {
  it('says what can be asked for', async () => {
    const { exitCode, stdout } = await rushes('--help');
    expect(exitCode).toBe(0);
    for (const command of ['topics', 'dead-letters', 'migrate', 'derive', 'import', 'api-keys', 'tokens'])
      expect(stdout).toContain(command);
  });

  it.each([
    ['frobnicate', /unknown command 'frobnicate'/],
    ['topics apply --loud', /unknown option '--loud'/],
    ['tokens capture --recording r1', /required option '--participant <id>'/],
    ['tokens viewer --ttl soon', /Expected a whole number/],
    ['dead-letters replay', /expected either ids or --all/],
  ])('exits with 2 for "%s" and says why', async (args, message) => {
    const { exitCode, stderr } = await rushes(args);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(2);
  });

  it('names the variable that is wrong', async () => {
    const { exitCode, stderr } = await rushes('migrate', { RUSHES_LOG_LEVEL: 'loud' });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('RUSHES_LOG_LEVEL') as string]);
    expect((await rushes('topics check')).stderr).toContain('RUSHES_EVENT_LOG: expected kafka');
  });
});

describeWith('kafka', 'on a real broker', () => {
  let env: Record<string, string>;
  let log: KafkaEventLog;
  beforeAll(async () => {
    const brokers = await kafkaBrokers();
    const topicPrefix = `cli-${randomUUID()}.`;
    env = {
      RUSHES_EVENT_LOG: 'kafka',
      RUSHES_KAFKA_BROKERS: brokers.join(','),
      RUSHES_KAFKA_TOPIC_PREFIX: topicPrefix,
      RUSHES_KAFKA_PARTITIONS: '2',
    };
    log = new KafkaEventLog({ connection: { brokers, topicPrefix }, settings: { partitions: 2 } });
  }, 120_000);
  afterAll(() => log.close());

  it('makes topics, once, and refuses what cannot be changed', { timeout: 120_000 }, async () => {
    const missing = await rushes('topics check', env);
    expect([missing.exitCode, missing.stderr]).toEqual([
      1,
      expect.stringContaining('there is no such topic') as string,
    ]);
    const applied = await rushes('topics apply', env);
    expect(applied.stderr).toBe('');
    expect(applied.stdout.match(/^created /gm)).toHaveLength(3);
    expect(await rushes('topics apply', env)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('nothing to do') as string,
    });
    expect(await rushes('topics check', env)).toMatchObject({ exitCode: 0 });

    const shorter = { ...env, RUSHES_DOM_RETENTION_HOURS: '24' };
    expect((await rushes('topics apply', shorter)).stdout).toMatch(
      /changed .*dom\.v1: retention\.ms from \d+ to 86400000/,
    );
    const more = await rushes('topics apply', { ...env, RUSHES_KAFKA_PARTITIONS: '4' });
    expect([more.exitCode, more.stderr]).toEqual([1, expect.stringContaining('partitions is 2, expected 4') as string]);
    expect((await rushes('topics apply', env)).exitCode).toBe(0);
  });

  it('lists what no consumer could take, and puts it back', { timeout: 120_000 }, async () => {
    const event = { type: 'rushes.hand.raised.v1', atMs: 1, participantId: 'ada', data: {} };
    await log.append(topics.events, [
      wrapEvent(event, { recordingId: 'r1', source: 'services/test/a', seq: 0, nowMs: 0 }),
    ]);
    const group: Subscription = await log.subscribe({
      group: 'picky',
      topics: [topics.events],
      onRecords: async ([record]) => group.deadLetter(record!, { code: 'no-hands', message: 'expected no hands' }),
    });
    await group.whenCaughtUp();
    await group.close();

    const listed = await rushes('dead-letters list', env);
    expect(listed.stdout).toMatch(/picky .*no-hands +expected no hands/);
    const [letter] = JSON.parse((await rushes('dead-letters list --json --group picky', env)).stdout) as {
      id: string;
      value: string;
    }[];
    expect(JSON.parse(letter!.value)).toMatchObject({ type: 'rushes.hand.raised.v1', recordingid: 'r1' });
    expect(await rushes(`dead-letters replay ${letter!.id}`, env)).toMatchObject({
      exitCode: 0,
      stdout: `replayed ${letter!.id}\n`,
    });
    expect((await rushes('dead-letters list', env)).stdout).toBe('there are none\n');
    expect((await rushes('dead-letters list --replayed', env)).stdout).toContain(letter!.id);
    expect(await rushes(`dead-letters replay ${letter!.id}`, env)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('There is no dead letter') as string,
    });
  });
});

it('fails within seconds where no broker answers', { timeout: 60_000 }, async () => {
  const env = { RUSHES_EVENT_LOG: 'kafka', RUSHES_KAFKA_BROKERS: '127.0.0.1:1' };
  expect(await rushes('dead-letters list', env)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('ECONNREFUSED') as string,
  });
});

function describeDatabase(environment: () => Promise<Record<string, string>>): void {
  let env: Record<string, string>;
  beforeAll(async () => {
    env = await environment();
  }, 120_000);

  it('migrates once', { timeout: 120_000 }, async () => {
    const first = await rushes('migrate', env);
    expect(first.stderr).toBe('');
    expect(first.stdout).toMatch(/^ran \w+/);
    expect((await rushes('migrate', env)).stdout).toBe('nothing to do: the schema is up to date\n');
  });

  it('makes, lists and revokes keys', { timeout: 120_000 }, async () => {
    const key = (await rushes('api-keys create ticket-system', env)).stdout.trim();
    expect(key).toMatch(/^rushes_[\w-]{43}$/);
    const listed = await rushes('api-keys list --json', env);
    expect(listed.stdout).not.toContain(key);
    const [{ keyId }] = JSON.parse(listed.stdout) as [{ keyId: string }];
    expect(await rushes(`api-keys revoke ${keyId}`, env)).toMatchObject({ exitCode: 0, stdout: `revoked ${keyId}\n` });
    expect(await rushes(`api-keys revoke ${keyId}`, env)).toMatchObject({ exitCode: 1 });
  });

  it('makes tokens that say what was asked for', { timeout: 60_000 }, async () => {
    const token = (await rushes('tokens viewer --recording r1 --export --ttl 60', env)).stdout.trim();
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as {
      iat: number;
      exp: number;
    };
    expect(claims).toMatchObject({ scope: 'viewer', recordingId: 'r1', canExport: true });
    expect(claims.exp - claims.iat).toBe(60);
  });
}

describeWith('postgres', 'on a real PostgreSQL', () =>
  describeDatabase(async () => ({ RUSHES_DATABASE_URL: await postgresUrl() })),
);

describe('on the embedded database', () => {
  let dataDir: string;
  afterAll(() => rm(dataDir, { recursive: true, force: true }));
  describeDatabase(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'rushes-cli-'));
    return { RUSHES_DATA_DIR: dataDir };
  });
});
