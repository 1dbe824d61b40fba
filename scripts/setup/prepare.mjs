import { delimiter, dirname, join } from 'node:path';
import { workerBuildPackages } from '../mediasoup-worker/build-worker.mjs';
import { ensureWebBuilt } from '../web/ensure-web-built.mjs';
import { areDependenciesCurrent, installDependencies } from './dependencies.mjs';
import { findExecutables } from './executables.mjs';
import { withSetupLock } from './lock.mjs';
import {
  buildMediasoupWorker,
  fetchMediasoupWorker,
  isWorkerReady,
  locateMediasoupWorker,
} from './mediasoup-worker.mjs';
import { ensureNode24 } from './node-24.mjs';
import { projectFolder } from './paths.mjs';
import { areServiceProgramsThere, fetchServicePrograms, servicePackages } from './service-programs.mjs';
import { SetupError } from './setup-error.mjs';
import { findMissingPackages, installPackages, runtimePackages } from './system-packages.mjs';

const minimumMajor = 20;

/**
 * Makes sure that everything a task needs is there; a fraction of a second when it is.
 *
 * @param {readonly ('programs' | 'sfu' | 'web' | 'services')[]} needs besides npm packages and Node 24, which everything needs
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>} what to run the task with
 * @throws {SetupError}
 */
export async function prepare(needs) {
  if (Number(process.versions.node.split('.')[0]) < minimumMajor) {
    throw new SetupError(`Rushes needs Node ${minimumMajor} or later to set itself up; this is ${process.version}`);
  }
  if (!(await isReady(needs))) await withSetupLock(() => install(needs));

  const node = await ensureNode24();
  const executables = needs.includes('programs') ? findExecutables() : {};
  for (const [variable, path] of Object.entries(executables)) {
    if (!path) throw new SetupError(`no program found for ${variable}`, { remedy: `export ${variable}=/path/to/it` });
  }
  const env = {
    ...process.env,
    ...executables,
    PATH: [dirname(node), process.env.PATH].join(delimiter),
    // tsx looks in the working folder; a child process may have another, and would compile decorators wrongly.
    TSX_TSCONFIG_PATH: join(projectFolder, 'tsconfig.json'),
    ...(needs.includes('sfu') && { MEDIASOUP_WORKER_BIN: await locateMediasoupWorker() }),
  };
  if (needs.includes('web')) await ensureWebBuilt(node, env);
  return { node, env };
}

async function isReady(needs) {
  if (!(await areDependenciesCurrent())) return false;
  if (needs.includes('programs') && findMissingPackages(runtimePackages).length > 0) return false;
  if (needs.includes('services') && (findMissingPackages(servicePackages).length > 0 || !areServiceProgramsThere())) {
    return false;
  }
  return !needs.includes('sfu') || (await isWorkerReady());
}

/** Looks again at each thing: another set-up may have finished while this one waited for the lock. */
async function install(needs) {
  if (!(await areDependenciesCurrent())) await installDependencies();
  await ensureNode24();
  const mustBuildWorker = needs.includes('sfu') && !(await isWorkerReady()) && !(await fetchMediasoupWorker());
  // All at once: who has to ask an administrator asks once.
  const missing = findMissingPackages([
    ...(needs.includes('programs') ? runtimePackages : []),
    ...(mustBuildWorker ? workerBuildPackages : []),
    ...(needs.includes('services') ? servicePackages : []),
  ]);
  if (missing.length > 0) await installPackages(missing);
  if (mustBuildWorker) await buildMediasoupWorker();
  if (needs.includes('services')) await fetchServicePrograms();
}
