import { prepare } from './setup/prepare.mjs';
import { runToEnd } from './setup/run-to-end.mjs';
import { SetupError } from './setup/setup-error.mjs';

/**
 * `npm run <task>` comes here, on any Node from 20 on and with nothing installed yet: gets what the task needs, then
 * runs it on Node 24.
 *
 * `needs`: `programs` are ffmpeg, browsers and fonts; `sfu` is mediasoup's worker; `web` are the built pages.
 */
const tasks = {
  demo: { needs: ['programs', 'sfu', 'web'], run: ['--import', 'tsx', 'scripts/demo/main.ts'] },
  start: { needs: ['programs', 'sfu', 'web'], run: ['--import', 'tsx', 'apps/standalone/src/main.ts'] },
  dev: { needs: ['programs', 'sfu'], run: ['scripts/tasks/dev.mjs'] },
  check: { needs: [], run: ['scripts/tasks/check.mjs'] },
  test: { needs: ['programs', 'sfu', 'web'], run: ['node_modules/vitest/vitest.mjs', 'run'] },
  bench: { needs: ['programs', 'sfu', 'web'], run: ['--import', 'tsx', 'scripts/tasks/bench.ts'] },
  build: { needs: ['web'], run: ['scripts/tasks/build.mjs'] },
  setup: { needs: ['programs', 'sfu', 'web'], run: ['-p', '"Everything is there."'] },
};

const [name, ...args] = process.argv.slice(2);
const task = tasks[name];
if (!task) {
  process.stderr.write(`usage: node scripts/run.mjs ${Object.keys(tasks).join('|')} [arguments of the task]\n`);
  process.exit(2);
}

try {
  const { node, env } = await prepare(task.needs);
  process.exitCode = await runToEnd(node, [...task.run, ...args], { env });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  if (error.output) process.stderr.write(`${error.output}\n`);
  process.stderr.write(`\n${error.message}.\n`);
  if (error.remedy) process.stderr.write(`Do this, then start again:\n\n  ${error.remedy}\n\n`);
  process.exitCode = 1;
}
