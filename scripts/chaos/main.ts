import { parseArgs } from 'node:util';
import { serviceKinds, type ServiceKind } from '../cluster/plan-processes.ts';
import { makeDataFolder } from '../data-folder.ts';
import { printChaos } from './print-chaos.ts';
import { runChaos } from './run-chaos.ts';

const ownFolder = 'data/chaos';
const usage = `npm run chaos -- [options]

  Kills services of a running cluster under a meeting, takes Kafka, S3 and PostgreSQL away, and judges what is left. Exits with
  1 when a promise was not kept.

  --times N         kills of each service (default 20)
  --only LIST       of ${serviceKinds.join(',')}; with it, outages only by --outages
  --outages         also with --only
  --no-kills        outages only
  --people N        in browsers, 1 to 3 (default 2)
  --data DIR        where logs and films go (default data/chaos, emptied first; any other must be new or empty)
`;

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '20' },
    only: { type: 'string' },
    outages: { type: 'boolean', default: false },
    'no-kills': { type: 'boolean', default: false },
    people: { type: 'string', default: '2' },
    data: { type: 'string', default: ownFolder },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const times = readNumber('times', values.times, 1, 1000);
const people = readNumber('people', values.people, 1, 3);
const only = values['no-kills'] ? [] : values.only?.split(',').map(readKind);
const folder = await makeDataFolder(values.data, ownFolder).catch(({ message }: Error) => refuse(message));
const say = (text: string) => process.stdout.write(`${text}\n`);

const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort());

const running = runChaos({
  signal: ending.signal,
  folder,
  times,
  people,
  kafkaNodes: 3,
  hasExports: true,
  hasOutages: values.outages || values.only === undefined,
  say,
  ...(only && { only }),
});
try {
  const report = await running;
  printChaos(report, say);
  process.exitCode = report.violations.length === 0 ? 0 : 1;
} catch (error) {
  if (!ending.signal.aborted) throw error;
  say('Ended early: nothing was judged.');
  process.exitCode = 130;
}

function readKind(name: string): ServiceKind {
  return (
    serviceKinds.find((kind) => kind === name) ??
    refuse(`--only: expected some of ${serviceKinds.join(', ')}, got "${name}"`)
  );
}

function readNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  return refuse(`--${name}: expected a whole number from ${min} to ${max}, got "${text}"`);
}

function refuse(complaint: string): never {
  process.stderr.write(`${complaint}\n${usage}`);
  process.exit(2);
}
