import { parseArgs } from 'node:util';
import { makeDataFolder } from '../data-folder.ts';
import { ApiClient } from '../demo/api-client.ts';
import { demonstrate } from '../demo/demonstrate.ts';
import { Cluster } from './cluster.ts';
import { printCluster } from './print-cluster.ts';

const ownFolder = 'data/cluster';
const usage = `npm run cluster -- [options]

  Every service as a process of its own, on Kafka, S3 and PostgreSQL, behind a balancer; a process that dies is started again.

  --demo            hold the demo's meeting on it, make the films, print the table
  --once            with --demo: end when everything is made
  --pace N          with --demo: length of the meeting in minutes (default 1)
  --kafka-nodes N   1 or 3 (default 3)
  --data DIR        where logs and spools go (default data/cluster, emptied first; any other must be new or empty)
`;

const { values: options } = parseArgs({
  options: {
    demo: { type: 'boolean', default: false },
    once: { type: 'boolean', default: false },
    pace: { type: 'string', default: '1' },
    'kafka-nodes': { type: 'string', default: '3' },
    data: { type: 'string', default: ownFolder },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const pace = Number(options.pace);
if (!(pace >= 0.5 && pace <= 1.9)) refuse(`--pace: expected 0.5 to 1.9, got "${options.pace}"`);
const kafkaNodes = options['kafka-nodes'] === '1' ? 1 : 3;
if (String(kafkaNodes) !== options['kafka-nodes']) {
  refuse(`--kafka-nodes: expected 1 or 3, got "${options['kafka-nodes']}"`);
}

const say = (text: string) => process.stdout.write(`${text}\n`);
const folder = await makeDataFolder(options.data, ownFolder).catch(({ message }: Error) => refuse(message));

const starting = Cluster.start({
  folder,
  kafkaNodes,
  say,
  onFailure: ({ name, how, tail }) =>
    say(`\n${name} has ended (${how}) and is started again. Its last words:\n${tail}`),
});
let ending: Promise<void> | undefined;
const end = () => (ending ??= starting.then((cluster) => cluster.end()));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    say('\nEnding.');
    end().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}

const cluster = await starting;
try {
  printCluster(cluster, say);
  await printLinks();
  if (options.demo) {
    say('');
    const address = await demonstrate({ ...cluster, folder, pace, say });
    say(`\nThe replay: ${address}`);
  }
  if (options.demo && options.once) await end();
  else say('\nIt stays up until Ctrl-C.');
} catch (error) {
  await end();
  throw error;
}

async function printLinks(): Promise<void> {
  const api = new ApiClient(cluster.url, cluster.apiKey);
  const roomId = 'lobby';
  const host = await api.issueToken({ scope: 'meeting', roomId, role: 'host' });
  const viewer = await api.issueToken({ scope: 'viewer', canExport: true });
  say(`\nMeeting (you are its host): ${cluster.url}/meet/#room=${roomId}&token=${host}`);
  say(`Recordings: ${cluster.viewerUrl}/#token=${viewer}`);
  say(`API key, of this run only: ${cluster.apiKey}`);
}

function refuse(complaint: string): never {
  process.stderr.write(`${complaint}\n${usage}`);
  process.exit(2);
}
