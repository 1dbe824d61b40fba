import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from './paths.mjs';
import { withProgress } from './progress.mjs';
import { runCommand } from './run-command.mjs';

/** Whether node_modules holds what package-lock.json asks for. Compares contents: a fresh checkout has fresh times. */
export async function areDependenciesCurrent() {
  const [wanted, installed] = await Promise.all([
    readPackages('package-lock.json'),
    readPackages('node_modules/.package-lock.json'),
  ]);
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    // Workspaces are folders of this repository; optional packages are those of other platforms.
    if (!path.includes('node_modules/') || entry.optional) return true;
    const found = installed[path];
    return found && found.version === entry.version && Boolean(found.link) === Boolean(entry.link);
  });
}

/**
 * Installs exactly what package-lock.json says, running no package's install script.
 * @throws {import('./setup-error.mjs').SetupError}
 */
export async function installDependencies() {
  await withProgress('Installing npm packages', () =>
    runCommand('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']),
  );
}

async function readPackages(path) {
  try {
    return JSON.parse(await readFile(join(projectFolder, path), 'utf8')).packages;
  } catch {
    return undefined;
  }
}
