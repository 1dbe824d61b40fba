import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildWorker } from '../mediasoup-worker/build-worker.mjs';
import { downloadPrebuiltWorker } from '../mediasoup-worker/download-worker.mjs';
import { cacheFolder, projectFolder } from './paths.mjs';
import { withProgress } from './progress.mjs';
import { SetupError } from './setup-error.mjs';
import { isDebian } from './system-packages.mjs';

/** What the worker exits with when nothing tells it mediasoup's version: it got as far as `main`, so it runs here. */
const versionMissingExitCode = 41;

const mediasoupFolder = join(projectFolder, 'node_modules/mediasoup');

/** Where this mediasoup version's worker is kept; a path given by hand in MEDIASOUP_WORKER_BIN wins. */
export async function locateMediasoupWorker() {
  return process.env.MEDIASOUP_WORKER_BIN || cachedWorkerPath(await readMediasoupPackage());
}

/** Whether the worker is there and starts on this machine: it does not after a system library went. About 5 ms. */
export async function isWorkerReady() {
  return doesWorkerRun(await locateMediasoupWorker());
}

/**
 * Puts mediasoup's own prebuilt worker into the cache.
 * @returns {Promise<boolean>} whether there was one, and it runs here
 * @throws {SetupError} when the user named a worker that does not run
 */
export async function fetchMediasoupWorker() {
  if (process.env.MEDIASOUP_WORKER_BIN) {
    throw new SetupError(`MEDIASOUP_WORKER_BIN names ${process.env.MEDIASOUP_WORKER_BIN}, which does not run here`, {
      remedy: 'unset MEDIASOUP_WORKER_BIN',
    });
  }
  const mediasoupPackage = await readMediasoupPackage();
  return withProgress(`Looking for a prebuilt mediasoup worker ${mediasoupPackage.version}`, () =>
    inWorkFolder(async (workFolder) => {
      const worker = await downloadPrebuiltWorker(mediasoupPackage, workFolder);
      if (!worker || !doesWorkerRun(worker)) return false;
      await keep(worker, mediasoupPackage);
      return true;
    }),
  );
}

/**
 * Builds the worker from the npm package's sources into the cache. Needs `workerBuildPackages`.
 * @throws {SetupError}
 */
export async function buildMediasoupWorker() {
  if (!isDebian) {
    throw new SetupError('no prebuilt mediasoup worker could be fetched, and set-up builds one on Debian only', {
      remedy: 'build it as mediasoup documents, and set MEDIASOUP_WORKER_BIN to it',
    });
  }
  const mediasoupPackage = await readMediasoupPackage();
  await withProgress(`None to be had: building it (once, takes minutes)`, (show) =>
    inWorkFolder(async (workFolder) => {
      const worker = await buildWorker(mediasoupFolder, workFolder, show);
      if (!doesWorkerRun(worker)) throw new SetupError('the mediasoup worker was built but does not run here');
      await keep(worker, mediasoupPackage);
    }),
  );
}

function doesWorkerRun(path) {
  return existsSync(path) && spawnSync(path, { env: {}, stdio: 'ignore' }).status === versionMissingExitCode;
}

async function readMediasoupPackage() {
  return JSON.parse(await readFile(join(mediasoupFolder, 'package.json'), 'utf8'));
}

function cachedWorkerPath({ version }) {
  return join(cacheFolder, 'mediasoup-worker', version, 'mediasoup-worker');
}

async function keep(worker, mediasoupPackage) {
  const path = cachedWorkerPath(mediasoupPackage);
  await mkdir(dirname(path), { recursive: true });
  const incoming = `${path}.${process.pid}`;
  await copyFile(worker, incoming);
  await rename(incoming, path);
}

async function inWorkFolder(work) {
  await mkdir(cacheFolder, { recursive: true });
  const workFolder = await mkdtemp(join(cacheFolder, '.mediasoup-worker-'));
  try {
    return await work(workFolder);
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}
