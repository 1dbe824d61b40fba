import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inputFolders as webInputs, webFolder } from '../web/bundles.mjs';
import { withSetupLock } from './lock.mjs';
import { projectFolder } from './paths.mjs';
import { withProgress } from './progress.mjs';
import { runCommand } from './run-command.mjs';

const inProject = (path) => join(projectFolder, path);

/** What is made of the sources under dist/: by which script, of which files and folders. npm packages count by their lock file. */
const products = {
  web: { title: 'Building the web pages', script: 'scripts/web/build-web.mjs', folder: webFolder, inputs: webInputs },
  apps: {
    title: 'Compiling the services',
    script: 'scripts/tasks/build-apps.mjs',
    folder: inProject('dist/node'),
    inputs: [
      'apps',
      'libs',
      'migrations',
      'scripts/tasks/build-apps.mjs',
      'tsconfig.base.json',
      'tsconfig.build.json',
    ].map(inProject),
  },
  packages: {
    title: 'Building the npm packages',
    script: 'scripts/tasks/build-packages.mjs',
    folder: inProject('dist/npm'),
    inputs: [
      'libs',
      'package.json',
      'scripts/tasks/build-packages.mjs',
      'tsconfig.base.json',
      'tsconfig.build.json',
    ].map(inProject),
  },
};

/** By product: what this process has seen to already. */
const seenTo = new Map();

/**
 * Makes a product unless dist/ holds what these very sources make.
 *
 * @param {keyof typeof products} name `web`: pages and SDK; `apps`: libs and apps as JavaScript; `packages`: what others install
 * @param {string} [node] the executable of Node 24; by default the one that runs this
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<void>}
 * @throws {import('./setup-error.mjs').SetupError}
 */
export function ensureBuilt(name, node = process.execPath, env = process.env) {
  if (!seenTo.has(name)) seenTo.set(name, build(products[name], node, env));
  return seenTo.get(name);
}

async function build({ title, script, folder, inputs }, node, env) {
  const stampFile = join(folder, '.built-from');
  const fingerprint = await fingerprintOf(inputs);
  const isBuilt = async () => (await readFile(stampFile, 'utf8').catch(() => '')) === fingerprint;
  if (await isBuilt()) return;
  await withSetupLock(async () => {
    // Another task may have built it while this one waited.
    if (await isBuilt()) return;
    await withProgress(title, () => runCommand(node, [script], { env }));
    await mkdir(folder, { recursive: true });
    await writeFile(stampFile, fingerprint);
  });
}

/** A hash over the contents of all these files. */
async function fingerprintOf(inputs) {
  const files = (await Promise.all(inputs.map(listFiles))).flat().sort();
  const hash = createHash('sha256');
  for (const path of [...files, inProject('package-lock.json')]) hash.update(`${path}\n`).update(await readFile(path));
  return hash.digest('hex');
}

async function listFiles(path) {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!entries) return [path];
  return (
    entries
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
      // Node before 20.12 has only `path`.
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .filter((file) => !file.includes('node_modules'))
  );
}
