import { chmod, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../setup/run-command.mjs';

const firstByteTimeoutMs = 4_000;
const wholeTimeoutMs = 60_000;

/**
 * Fetches the worker that mediasoup's project publishes for this platform, from the address that its own installer
 * uses (`downloadPrebuiltWorker` in the package's npm-scripts.mjs). Gives up quickly where there is no way out.
 *
 * @param {{ version: string, repository: { url: string } }} mediasoupPackage its package.json
 * @param {string} workFolder an empty folder to use
 * @returns {Promise<string | undefined>} the executable, not yet tried; undefined when there is none to be had
 */
export async function downloadPrebuiltWorker({ version, repository }, workFolder) {
  const baseUrl =
    process.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL ||
    `${repository.url.replace(/^git\+/, '').replace(/\.git$/, '')}/releases/download`;
  const kernel = process.platform === 'linux' ? `-kernel${Number(release().split('.')[0])}` : '';
  const url = `${baseUrl}/${version}/mediasoup-worker-${version}-${process.platform}-${process.arch}${kernel}.tgz`;
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), firstByteTimeoutMs);
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([giveUp.signal, AbortSignal.timeout(wholeTimeoutMs)]),
    });
    clearTimeout(timer);
    if (!response.ok) return undefined;
    const archive = join(workFolder, 'worker.tgz');
    await writeFile(archive, Buffer.from(await response.arrayBuffer()));
    await runCommand('tar', ['xzf', archive, '-C', workFolder]);
    const worker = join(workFolder, 'mediasoup-worker');
    await chmod(worker, 0o755);
    return worker;
  } catch {
    // Offline, blocked or half an archive: all mean that it has to be built.
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
