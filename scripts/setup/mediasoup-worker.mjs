import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildWorker, workerBuildPackages } from '../mediasoup-worker/build-worker.mjs';
import { downloadPrebuiltWorker } from '../mediasoup-worker/download-worker.mjs';
import { cacheFolder, projectFolder } from './paths.mjs';
import { withProgress } from './progress.mjs';
import { SetupError } from './setup-error.mjs';
import { findMissingPackages, installPackages, isDebian } from './system-packages.mjs';

/** What the worker exits with when nothing tells it mediasoup's version: it got as far as `main`, so it runs here. */
const versionMissingExitCode = 41;

/** Where this mediasoup version's worker is kept; a path given by hand in MEDIASOUP_WORKER_BIN wins. */
export async function locateMediasoupWorker() {
  return process.env.MEDIASOUP_WORKER_BIN || (await cachedWorkerPath());
}

/** Whether this worker starts on this machine: it does not after a system library was removed. About 5 ms. */
export function doesWorkerRun(path) {
  return existsSync(path) && spawnSync(path, { env: {}, stdio: 'ignore' }).status === versionMissingExitCode;
}

/**
 * Puts a worker that runs here into the cache: mediasoup's own prebuilt one where it can be fetched, else one built from
 * the npm package.
 * @throws {SetupError}
 */
export async function installMediasoupWorker() {
  if (process.env.MEDIASOUP_WORKER_BIN) {
    throw new SetupError(`MEDIASOUP_WORKER_BIN names ${process.env.MEDIASOUP_WORKER_BIN}, which does not run here`, {
      remedy: 'unset MEDIASOUP_WORKER_BIN',
    });
  }
  const { version } = await readMediasoupPackage();
  const path = await cachedWorkerPath();
  await mkdir(cacheFolder, { recursive: true });
  const workFolder = await mkdtemp(join(cacheFolder, '.mediasoup-worker-'));
  try {
    let worker = await withProgress(`Looking for mediasoup's own worker ${version}`, () => fetchPrebuilt(workFolder));
    if (!worker) {
      if (!isDebian) {
        throw new SetupError(
          `mediasoup's worker ${version} could not be fetched, and is only built by itself on Debian`,
          {
            remedy: 'build it as mediasoup documents and set MEDIASOUP_WORKER_BIN',
          },
        );
      }
      const missing = findMissingPackages(workerBuildPackages);
      if (missing.length > 0) await installPackages(missing, "Building mediasoup's worker");
      worker = await withProgress(`None to be had; building worker ${version} (once, some minutes)`, (show) =>
        buildWorker(mediasoupFolder, workFolder, show),
      );
      if (!doesWorkerRun(worker)) throw new SetupError('the mediasoup worker was built but does not run here');
    }
    await mkdir(dirname(path), { recursive: true });
    const incoming = `${path}.${process.pid}`;
    await copyFile(worker, incoming);
    await rename(incoming, path);
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

const mediasoupFolder = join(projectFolder, 'node_modules/mediasoup');

async function readMediasoupPackage() {
  return JSON.parse(await readFile(join(mediasoupFolder, 'package.json'), 'utf8'));
}

async function cachedWorkerPath() {
  const { version } = await readMediasoupPackage();
  return join(cacheFolder, 'mediasoup-worker', version, 'mediasoup-worker');
}

async function fetchPrebuilt(workFolder) {
  const worker = await downloadPrebuiltWorker(await readMediasoupPackage(), workFolder);
  return worker && doesWorkerRun(worker) ? worker : undefined;
}
