import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from './config.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';

/** What is read from `webDir`: that of every listener. */
const builtPages = ['meeting', 'viewer'].map((page) => join(page, 'index.html'));

/**
 * Makes the data folder if it is not there, and looks whether it can be written and the pages are there, before anything is built on
 * that. `needs` says what the process uses.
 * @throws ConfigError naming the variable
 */
export async function checkFolders(
  { dataDir, webDir }: Pick<Config, 'dataDir' | 'webDir'>,
  needs: { data: boolean; pages: boolean },
): Promise<void> {
  const problems: ConfigProblem[] = [];
  if (needs.data) {
    const code = await failureOf(async () => {
      await makeFolder(dataDir);
      await access(dataDir, constants.W_OK | constants.X_OK);
    });
    if (code !== undefined)
      problems.push({
        variable: 'RUSHES_DATA_DIR',
        expected: `expected a folder that can be made and written (${code})`,
      });
  }
  if (needs.pages) {
    const code = await failureOf(() =>
      Promise.all(builtPages.map((page) => access(join(webDir, page), constants.R_OK))),
    );
    if (code !== undefined)
      problems.push({
        variable: 'RUSHES_WEB_DIR',
        expected: `expected the folder of the built pages, as "npm run build" makes it (${code})`,
      });
  }
  if (problems.length > 0) throw new ConfigError(problems);
}

/** Step by step: Node's own recursive `mkdir` never ends where folders cannot be made, as in `/proc`. */
async function makeFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  try {
    await mkdir(folder);
  } catch (error) {
    // Another process may have been faster.
    if (!(await stat(folder).catch(() => undefined))?.isDirectory()) throw error;
  }
}

/** The system's name for what went wrong; undefined when nothing did. */
async function failureOf(attempt: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
