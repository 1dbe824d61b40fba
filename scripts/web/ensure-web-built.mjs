import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withSetupLock } from '../setup/lock.mjs';
import { projectFolder } from '../setup/paths.mjs';
import { withProgress } from '../setup/progress.mjs';
import { runCommand } from '../setup/run-command.mjs';
import { inputFolders, webFolder } from './bundles.mjs';

const stampFile = join(webFolder, '.built-from');

/**
 * Builds pages and SDK unless dist/web holds what these very sources make.
 *
 * @param {string} node the executable of Node 24
 * @param {NodeJS.ProcessEnv} env
 * @throws {import('../setup/setup-error.mjs').SetupError}
 */
export async function ensureWebBuilt(node, env) {
  if (await isBuilt()) return;
  await withSetupLock(async () => {
    const fingerprint = await fingerprintInputs();
    // Another task may have built them while this one waited.
    if (await isBuilt()) return;
    await withProgress('Building the web pages', () => runCommand(node, ['scripts/web/build-web.mjs'], { env }));
    await mkdir(webFolder, { recursive: true });
    await writeFile(stampFile, fingerprint);
  });
}

async function isBuilt() {
  return (await readFile(stampFile, 'utf8').catch(() => '')) === (await fingerprintInputs());
}

/** A hash over the contents of everything that is bundled; npm packages count by their lock file. */
async function fingerprintInputs() {
  const files = (await Promise.all(inputFolders.map(listFiles))).flat().sort();
  const hash = createHash('sha256');
  for (const path of [...files, join(projectFolder, 'package-lock.json')]) {
    hash.update(`${path}\n`).update(await readFile(path));
  }
  return hash.digest('hex');
}

async function listFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((path) => !path.includes('node_modules'));
}
