import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Database } from '@rushes/database';
import { copyTemplate } from '@rushes/database/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecordingRow } from './recordings/recording-rows.ts';
import { startTestApplication } from './testing/index.ts';

const program = fileURLToPath(new URL('./testing/fixtures/recording-process.ts', import.meta.url));
type Said = { url: string; key?: string; recordingId: string };

let dataDir: string;
const processes: ChildProcess[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rushes-process-'));
  await copyTemplate(dataDir);
});

afterEach(async () => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true });
});

/** Starts the process and resolves with what it says once it records. */
async function start(): Promise<{ child: ChildProcess; said: Said }> {
  const child = spawn(process.execPath, ['--import', 'tsx', program], {
    env: { ...process.env, RUSHES_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.push(child);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, said: JSON.parse(line) as Said };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<unknown> {
  const ended = once(child, 'exit');
  child.kill(signal);
  return (await ended)[0];
}

/** What a process that starts next finds, after it has started. */
async function findRecording(recordingId: string): Promise<RecordingRow | undefined> {
  const next = await startTestApplication([], { RUSHES_DATA_DIR: dataDir });
  const { rows } = await next.app
    .get(Database)
    .pool.query<RecordingRow>('SELECT * FROM recordings WHERE "recordingId" = $1', [recordingId]);
  await next.close();
  return rows[0];
}

describe('a process that records', () => {
  it('ends its recording and exits with 0 when it is asked to end', async () => {
    const { child, said } = await start();
    expect(await end(child, 'SIGTERM')).toBe(0);
    expect(await findRecording(said.recordingId)).toMatchObject({
      status: 'processing',
      endReason: 'room-ended',
      heldUntil: null,
    });
  });

  it('leaves a recording that the next process ends, when it is killed', async () => {
    const { child, said } = await start();
    await end(child, 'SIGKILL');
    expect(await findRecording(said.recordingId)).toMatchObject({
      status: 'processing',
      endReason: 'process-died',
      heldUntil: null,
    });
  });

  it('makes an API key that outlives it, and shows it once', async () => {
    const first = await start();
    expect(first.said.key).toMatch(/^rushes_/);
    await end(first.child, 'SIGKILL');
    const { said } = await start();
    expect(said.key).toBeUndefined();
    const metrics = await fetch(`${said.url}/metrics`, { headers: { authorization: `Bearer ${first.said.key}` } });
    expect(metrics.status).toBe(200);
  });
});

it('refuses to start on a port that is taken, and lets go of its folder', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const port = String((squatter.address() as AddressInfo).port);
  const env = { RUSHES_DATA_DIR: dataDir };
  await expect(startTestApplication([], { ...env, RUSHES_HTTP_PORT: port })).rejects.toThrow('EADDRINUSE');
  squatter.close();
  await (await startTestApplication([], env)).close();
});
