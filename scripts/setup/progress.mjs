import process from 'node:process';

/**
 * Shows one line for a piece of work that takes a while: what it is, then how long it took.
 * On standard error, so that what the task itself prints can be piped.
 *
 * @template Result
 * @param {string} title for people: `Fetching Node 24.21.0`
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withProgress(title, work) {
  const startedAt = performance.now();
  process.stderr.write(`• ${title} …`);
  try {
    const result = await work();
    process.stderr.write(` ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stderr.write(' failed\n');
    throw error;
  }
}
