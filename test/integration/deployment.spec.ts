import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../libs/platform/src/config/config.ts';
import { programVariables, variables } from '../../libs/platform/src/config/variables.ts';
import { toolPaths } from '../../scripts/services/index.ts';
import { describeWith, s3StrictSettings } from '../fixtures/services.ts';

const run = promisify(execFile);
const apps = ['gateway', 'recorder', 'timeline-writer', 'api', 'renderer', 'analytics'];

type Container = { environment?: Record<string, string | number>; healthcheck?: object; restart?: string };

describeWith('dockerCompose', 'docker-compose.yml', () => {
  let containers: Record<string, Container>;
  beforeAll(async () => {
    containers = await readContainers();
  });

  it('is one that docker-compose takes, with a health check and a restart policy for all that stays', () => {
    expect(Object.keys(containers)).toEqual(expect.arrayContaining([...apps, 'balancer', 'kafka', 's3', 'postgres']));
    const ending = ['topics', 'bucket'];
    for (const [name, { healthcheck, restart }] of Object.entries(containers)) {
      expect(restart, name).toBe(ending.includes(name) ? 'on-failure' : 'unless-stopped');
      if (!ending.includes(name)) expect(healthcheck, name).toBeDefined();
    }
  });

  it.each(apps)('configures %s without a mistake, on the adapters of a cluster', (app) => {
    const { environment } = containers[app]!;
    const texts = Object.entries(environment!).map(([name, value]) => [name, String(value)]);
    const config = loadConfig(Object.fromEntries(texts) as Record<string, string>, { isApart: true });
    expect(config).toMatchObject({ unknownVariables: [], eventLog: 'kafka', objectStore: 's3' });
  });
});

it.each(['docker-compose.yml', 'Dockerfile'])('every variable of ours in %s exists', async (file) => {
  const named = (await readFile(file, 'utf8')).match(/\bRUSHES_[A-Z0-9_]+/g) ?? [];
  expect(named.length).toBeGreaterThan(0);
  const known = [...Object.keys(variables), ...programVariables];
  expect([...new Set(named)].filter((name) => !known.includes(name))).toEqual([]);
});

describeWith('hadolint', 'Dockerfile', () => {
  it('follows hadolint’s rules', async () => {
    expect(await run(toolPaths.hadolint, ['Dockerfile'])).toEqual({ stdout: '', stderr: '' });
  });
});

it('the image’s entry point says what is missing and exits, when an app is started without its environment', async () => {
  const started = run('deploy/run-app.sh', ['gateway'], { env: { PATH: process.env.PATH } });
  await expect(started).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('RUSHES_DATABASE_URL') as string,
  });
});

it('the image’s health check follows what the service says of itself', async () => {
  let status = 200;
  const service = createServer((_request, response) => response.writeHead(status).end()).listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as { port: number };
  const check = () => run(process.execPath, ['deploy/check-health.mjs'], { env: { RUSHES_HTTP_PORT: String(port) } });
  await check();
  status = 503;
  await expect(check()).rejects.toMatchObject({ code: 1 });
  await once(service.close(), 'close');
  await expect(check()).rejects.toMatchObject({ code: 1 });
});

describeWith('s3Strict', 'The one-shot service that makes the bucket', () => {
  it('makes it once, and finds it from then on', async () => {
    const { endpoint, region, accessKeyId, secretAccessKey } = await s3StrictSettings();
    const bucket = `made-${Date.now()}`;
    const makeBucket = () =>
      run(process.execPath, ['--import', 'tsx', 'deploy/make-bucket.ts'], {
        env: {
          ...process.env,
          RUSHES_OBJECT_STORE: 's3',
          RUSHES_S3_ENDPOINT: endpoint,
          RUSHES_S3_REGION: region,
          RUSHES_S3_BUCKET: bucket,
          RUSHES_S3_PATH_STYLE: 'true',
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
        },
      });
    expect(await makeBucket()).toMatchObject({ stdout: `bucket ${bucket}: made\n` });
    expect(await makeBucket()).toMatchObject({ stdout: `bucket ${bucket}: was there\n` });
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
    client.destroy();
  });
});

/** The containers as docker-compose understands them; Python, which it is written in, makes JSON of its YAML. */
async function readContainers(): Promise<Record<string, Container>> {
  const toJson = 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)';
  const command = `${toolPaths.dockerCompose} config | /usr/bin/python3 -c '${toJson}'`;
  const { stdout } = await run('bash', ['-o', 'pipefail', '-c', command]);
  return (JSON.parse(stdout) as { services: Record<string, Container> }).services;
}
