import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

export type StandaloneOptions = {
  dataDir: string;
  /** Fixed ports; free ones by default. */
  ports?: { http: number; viewer: number };
  apiKey?: string;
  environment?: Readonly<Record<string, string>>;
};

export type StandaloneProcess = {
  url: string;
  viewerUrl: string;
  apiKey: string;
  ports: { http: number; viewer: number };
  /** Where its log goes, one JSON object a line. */
  logFile: string;
  pid: number;
  /** Ends the process and resolves when it is gone. SIGTERM by default: it drains first. */
  end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
};

/**
 * Starts `apps/standalone` as a user would, in a process of its own, and resolves when it is ready.
 * @throws Error with the end of the log when it ends instead, or is not ready within a minute.
 */
export async function startStandalone(options: StandaloneOptions): Promise<StandaloneProcess> {
  const ports = options.ports ?? { http: await freePort(), viewer: await freePort() };
  const apiKey = options.apiKey ?? `rk_${randomBytes(32).toString('base64url')}`;
  await mkdir(options.dataDir, { recursive: true });
  const logFile = join(options.dataDir, 'standalone.log');
  const log = createWriteStream(logFile, { flags: 'a' });
  const child = spawn(process.execPath, ['--import', 'tsx', 'apps/standalone/src/main.ts'], {
    cwd: new URL('../..', import.meta.url),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      RUSHES_DATA_DIR: options.dataDir,
      RUSHES_HTTP_PORT: String(ports.http),
      RUSHES_VIEWER_PORT: String(ports.viewer),
      RUSHES_API_KEY: apiKey,
      RUSHES_LOG_FORMAT: 'json',
      ...options.environment,
    },
  });
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      log.write(data);
      tail = (tail + data.toString()).slice(-4000);
    });
  }
  const gone = once(child, 'exit').then(() => {
    log.end();
    return true as const;
  });
  const url = `http://127.0.0.1:${ports.http}`;
  const isReady = await Promise.race([whenReady(url), gone.then(() => false)]);
  if (!isReady) {
    child.kill('SIGKILL');
    throw new Error(`The standalone process did not become ready:\n${tail}`);
  }
  return {
    url,
    viewerUrl: `http://127.0.0.1:${ports.viewer}`,
    apiKey,
    ports,
    logFile,
    pid: child.pid!,
    async end(signal = 'SIGTERM') {
      child.kill(signal);
      await gone;
    },
  };
}

async function whenReady(url: string): Promise<boolean> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    const isReady = await fetch(`${url}/health/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
