import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './paths.mjs';
import { withProgress } from './progress.mjs';
import { runCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const neededMajor = 24;
const version = '24.21.0';

/** The platform packages that npm's `node` package would install by a script, with what their tarball must hash to. */
const integrityByPlatform = {
  'linux-x64': 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'linux-arm64': 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
};

const nodeFolder = join(cacheFolder, 'node');

/**
 * The Node that everything but set-up runs on: the one running this if it is new enough, else one fetched from npm
 * into the cache. `<cache>/rushes/node/bin/node` always leads to the newest fetched one.
 *
 * @returns {Promise<string>} the executable's path
 */
export async function ensureNode24() {
  if (Number(process.versions.node.split('.')[0]) >= neededMajor) return process.execPath;
  const executable = join(nodeFolder, version, 'bin/node');
  if (!existsSync(executable)) await withProgress(`Fetching Node ${version}`, fetchNode);
  if (!existsSync(join(nodeFolder, 'bin/node'))) await linkNewest();
  return executable;
}

async function fetchNode() {
  const platform = `${process.platform}-${process.arch}`;
  const integrity = integrityByPlatform[platform];
  if (!integrity) {
    throw new SetupError(
      `Rushes runs on Node ${neededMajor} or later; this is ${process.version}, and npm has no build for ${platform}`,
      { remedy: `install Node ${neededMajor} by your system's own means and start again` },
    );
  }
  await mkdir(nodeFolder, { recursive: true });
  const workFolder = await mkdtemp(join(nodeFolder, '.fetch-'));
  try {
    const packed = await runCommand(
      'npm',
      ['pack', '--silent', '--ignore-scripts', '--pack-destination', workFolder, `node-${platform}@${version}`],
      { cwd: workFolder },
    );
    const tarball = join(workFolder, packed.trim().split('\n').at(-1));
    const actual = `sha512-${createHash('sha512')
      .update(await readFile(tarball))
      .digest('base64')}`;
    if (actual !== integrity)
      throw new SetupError(`node-${platform}@${version} is not the tarball this project was tested with`);
    await runCommand('tar', ['xzf', tarball, '-C', workFolder]);
    await rm(join(nodeFolder, version), { recursive: true, force: true });
    await rename(join(workFolder, 'package'), join(nodeFolder, version));
    await linkNewest();
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

/** Replaces the stable link in one step, so that a process starting meanwhile always finds a Node. */
async function linkNewest() {
  const temporaryLink = join(nodeFolder, `.bin-${process.pid}`);
  await symlink(join(version, 'bin'), temporaryLink);
  await rename(temporaryLink, join(nodeFolder, 'bin'));
}
