import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { withProgress } from './progress.mjs';
import { runCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

/** Debian packages that meetings, recording and exports run on. */
export const runtimePackages = [
  'ffmpeg',
  'chromium',
  'chromium-headless-shell',
  'fonts-dejavu',
  'fonts-noto-core',
  'fonts-noto-color-emoji',
];

/** Whether Debian's packages can be asked for here at all. */
export const isDebian = existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-query');

/** Which of these Debian packages are not installed. Everywhere else: none, as nobody can tell. */
export function findMissingPackages(packages) {
  if (!isDebian) return [];
  const query = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\n', ...packages], {
    encoding: 'utf8',
  });
  const installed = new Set(
    query.stdout
      .split('\n')
      .filter((line) => line.startsWith('installed '))
      .map((line) => line.slice('installed '.length)),
  );
  return packages.filter((name) => !installed.has(name));
}

/**
 * Installs Debian packages.
 *
 * @param {readonly string[]} packages
 * @throws {SetupError} with the command to type, when this user may not
 */
export async function installPackages(packages) {
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0) {
    throw new SetupError('Debian packages are missing, and only root may install them', {
      remedy: `sudo apt-get update && sudo ${command}`,
    });
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await withProgress(`Installing ${packages.join(', ')}`, async () => {
    // A package list that cannot be reached does not matter if the others have what is needed.
    await runCommand('apt-get', ['update', '-q'], { env }).catch(() => undefined);
    const [program, ...args] = command.split(' ');
    await runCommand(program, ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], { env });
  });
}
