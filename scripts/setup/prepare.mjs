import { delimiter, dirname, join } from 'node:path';
import { workerBuildPackages } from '../mediasoup-worker/build-worker.mjs';
import { areDependenciesCurrent, installDependencies } from './dependencies.mjs';
import { ensureBuilt } from './ensure-built.mjs';
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
 * @typedef {'programs' | 'sfu' | 'web' | 'apps' | 'packages' | 'services'} Need
 * @param {readonly Need[]} needs besides npm packages and Node 24, which everything needs
 * @param {readonly Need[]} wants what the task does with less without; in CI it is needed
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>} what to run the task with
 * @throws {SetupError}
 */
export async function prepare(needs, wants = []) {
  if (Number(process.versions.node.split('.')[0]) < minimumMajor) {
    throw new SetupError(`Rushes needs Node ${minimumMajor} or later to set itself up; this is ${process.version}`);
  }
  const everything = [...needs, ...wants];
  if (!(await isReady(everything))) {
    if (wants.length === 0 || process.env.CI) await withSetupLock(() => install(everything));
    else await installWithWants(needs, everything);
  }

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
  for (const product of ['web', 'apps', 'packages']) if (needs.includes(product)) await ensureBuilt(product, node, env);
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

/** Goes on without what is only wanted, and says what would bring it. */
async function installWithWants(needs, everything) {
  try {
    await withSetupLock(() => install(everything));
  } catch (error) {
    if (!(error instanceof SetupError) || !(await isReady(needs))) throw error;
    process.stderr.write(`• Going on with less, as ${error.message}. What brings the rest:\n`);
    process.stderr.write(`    ${error.remedy ?? error.output ?? 'npm run setup'}\n`);
  }
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
