import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../setup/run-command.mjs';

/** Debian packages that the build takes its compiler and libraries from. */
export const workerBuildPackages = [
  'g++',
  'meson',
  'ninja-build',
  'pkg-config',
  'flatbuffers-compiler',
  'libflatbuffers-dev',
  'libsrtp2-dev',
  'libuv1-dev',
  'libssl-dev',
  'libabsl-dev',
];

/** Stands in for the subprojects that upstream's build downloads: each points at Debian's library of the same name. */
const overlayFolder = join(dirname(fileURLToPath(import.meta.url)), 'overlay');

/**
 * Builds mediasoup's worker from the sources in its npm package with Debian 12's libraries. Nothing is downloaded.
 *
 * @param {string} mediasoupFolder the installed npm package; left as it is
 * @param {string} workFolder an empty folder to build in
 * @param {(detail: string) => void} show is told how many of how many files are compiled
 * @returns {Promise<string>} the stripped executable
 * @throws {import('../setup/setup-error.mjs').SetupError} with the compiler's last lines
 */
export async function buildWorker(mediasoupFolder, workFolder, show) {
  const sourceFolder = join(workFolder, 'worker');
  await cp(join(mediasoupFolder, 'worker'), sourceFolder, { recursive: true });
  const subprojects = join(sourceFolder, 'subprojects');
  for (const name of await readdir(subprojects)) {
    if (name.endsWith('.wrap')) await rm(join(subprojects, name));
  }
  await cp(overlayFolder, subprojects, { recursive: true });

  // Debian 12 has meson 1.0.1, which suffices.
  const mesonFile = join(sourceFolder, 'meson.build');
  const mesonBuild = await readFile(mesonFile, 'utf8');
  await writeFile(mesonFile, mesonBuild.replace("meson_version: '>= 1.1.0'", "meson_version: '>= 1.0.0'"));

  const inSource = { cwd: sourceFolder };
  const options = ['--wrap-mode=nodownload', '--buildtype=release', '-Db_ndebug=true'];
  await runCommand('/usr/bin/meson', ['setup', ...options, 'out'], inSource);
  // All generated headers first, as upstream does: its libwebrtc does not declare that it needs them.
  await runCommand('ninja', ['-C', 'out', 'fbs/FBS/worker.h'], inSource);
  await runCommand('ninja', ['-C', 'out', 'mediasoup-worker'], {
    ...inSource,
    onOutput: (text) => show(/\[\d+\/\d+\]/.exec(text)?.[0] ?? ''),
  });
  const worker = join(sourceFolder, 'out/mediasoup-worker');
  await runCommand('strip', [worker]);
  return worker;
}
