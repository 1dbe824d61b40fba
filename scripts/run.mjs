import { prepare } from './setup/prepare.mjs';
import { runToEnd } from './setup/run-to-end.mjs';
import { SetupError } from './setup/setup-error.mjs';

/** kafkajs 2.2.4 sets timers to instants that are past, which Node 24 warns of and treats as 1 ms. */
const quietKafkajs = ['--disable-warning=TimeoutNegativeWarning'];

const everything = ['programs', 'sfu', 'web', 'apps', 'services'];

/** What each app needs that `npm start -- <app>` starts alone. */
const apps = {
  standalone: ['programs', 'sfu', 'web'],
  gateway: [],
  recorder: ['programs', 'sfu'],
  'timeline-writer': [],
  api: ['programs', 'web'],
  renderer: ['programs', 'web'],
  analytics: [],
};

/**
 * `npm run <task>` comes here, on any Node from 20 on and with nothing installed yet: gets what the task needs, then
 * runs it on Node 24. `npm start -- <app>` runs one of `apps`.
 *
 * `needs`: `programs` are ffmpeg, browsers and fonts; `sfu` is mediasoup's worker; `web` are the built pages;
 * `apps` are the services as plain JavaScript, `packages` what others install from npm; `services` are Kafka, S3 servers,
 * PostgreSQL and the tools around them.
 * `wants`: what it does less without.
 */
const tasks = {
  demo: { needs: ['programs', 'sfu', 'web'], run: ['--import', 'tsx', 'scripts/demo/main.ts'] },
  dev: { needs: ['programs', 'sfu'], run: ['scripts/tasks/dev.mjs'] },
  check: { needs: [], run: ['scripts/tasks/check.mjs'] },
  docs: { needs: [], run: ['--import', 'tsx', 'scripts/docs/write-all.ts'] },
  rushes: { needs: [], run: [...quietKafkajs, '--import', 'tsx', 'apps/cli/src/main.ts'] },
  test: {
    needs: ['programs', 'sfu', 'web'],
    wants: ['services'],
    run: [...quietKafkajs, 'node_modules/vitest/vitest.mjs', 'run'],
  },
  bench: { needs: ['programs', 'sfu', 'web'], wants: ['services'], run: ['--import', 'tsx', 'scripts/tasks/bench.ts'] },
  'bench:sync': { needs: ['programs', 'sfu', 'web'], run: ['--import', 'tsx', 'test/sync/main.ts'] },
  services: { needs: ['services'], run: [...quietKafkajs, '--import', 'tsx', 'scripts/services/main.ts'] },
  cluster: {
    needs: ['programs', 'sfu', 'web', 'services'],
    run: [...quietKafkajs, '--import', 'tsx', 'scripts/cluster/main.ts'],
  },
  chaos: {
    needs: ['programs', 'sfu', 'web', 'services'],
    run: [...quietKafkajs, '--import', 'tsx', 'scripts/chaos/main.ts'],
  },
  example: { needs: ['sfu'], run: ['--import', 'tsx', 'examples/mediasoup-app/recorded-server.mjs'] },
  build: { needs: ['web', 'apps', 'packages'], run: ['-p', '"Built: dist/web, dist/node and dist/npm."'] },
  setup: { needs: everything, run: ['-p', '"Everything is there."'] },
};

const [name, ...args] = process.argv.slice(2);
const task = name === 'start' ? startTask(args) : name === 'setup' ? setupTask(args) : tasks[name];
if (!task) {
  const usage = [
    `usage: node scripts/run.mjs ${Object.keys(tasks).join('|')} [arguments of the task]`,
    `       node scripts/run.mjs start [${Object.keys(apps).join('|')}]`,
    `       node scripts/run.mjs setup [${everything.join('|')} …]`,
  ];
  process.stderr.write(`${usage.join('\n')}\n`);
  process.exit(2);
}

/** Takes the app's name off the arguments; without one it is the app that is everything at once. */
function startTask(rest) {
  const app = rest[0]?.startsWith('-') ? undefined : rest.shift();
  const needs = apps[app ?? 'standalone'];
  return needs && { needs, run: ['--import', 'tsx', `apps/${app ?? 'standalone'}/src/main.ts`] };
}

/** Takes what is to be set up off the arguments; without any it is everything. */
function setupTask(rest) {
  const needs = rest.splice(0);
  if (needs.some((need) => !everything.includes(need))) return undefined;
  return { ...tasks.setup, needs: needs.length > 0 ? needs : tasks.setup.needs };
}

try {
  const { node, env } = await prepare(task.needs, task.wants);
  process.exitCode = await runToEnd(node, [...task.run, ...args], { env });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  if (error.output) process.stderr.write(`${error.output}\n`);
  process.stderr.write(`\n${error.message}.\n`);
  if (error.remedy) process.stderr.write(`Do this, then start again:\n\n  ${error.remedy}\n\n`);
  process.exitCode = 1;
}
