import process from 'node:process';

/**
 * Shows one line for a piece of work that takes a while: what it is, then how long it took.
 * On standard error, so that what the task itself prints can be piped.
 *
 * @template Result
 * @param {string} title for people: `Fetching Node 24.21.0`
 * @param {(show: (detail: string) => void) => Promise<Result>} work `show` says how far it is; seen on a terminal only
 * @returns {Promise<Result>}
 */
export async function withProgress(title, work) {
  const startedAt = performance.now();
  const { isTTY } = process.stderr;
  const start = `${isTTY ? '\r\x1b[K' : ''}• ${title} …`;
  const show = (detail) => isTTY && process.stderr.write(`${start} ${detail}`);
  process.stderr.write(`• ${title} …`);
  try {
    const result = await work(show);
    process.stderr.write(`${isTTY ? start : ''} ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stderr.write(`${isTTY ? start : ''} failed\n`);
    throw error;
  }
}
