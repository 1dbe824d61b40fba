import { parseArgs } from 'node:util';
import { makeDataFolder } from '../data-folder.ts';
import { demonstrate } from './demonstrate.ts';
import { takePicture } from './take-picture.ts';
import { startStandalone, type StandaloneProcess } from './standalone-process.ts';

const ownFolder = 'data/demo';
const usage = `npm run demo -- [options]

  --once        end when everything is made, instead of staying up for a look
  --pace N      length of the meeting in minutes (default 1)
  --picture     also take README's picture of the viewer, docs/images/viewer.png
  --data DIR    where to keep it all (default data/demo, emptied first; any other must be new or empty)
`;

const { values: options } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    picture: { type: 'boolean', default: false },
    pace: { type: 'string', default: '1' },
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

const say = (text: string) => process.stdout.write(`${text}\n`);
const dataDir = await makeDataFolder(options.data, ownFolder).catch(({ message }: Error) => refuse(message));

let standalone: StandaloneProcess | undefined;
process.once('SIGINT', () => {
  void (standalone?.end() ?? Promise.resolve()).then(() => process.exit(0));
});
try {
  standalone = await startStandalone({ dataDir });
  say(`\nRushes runs at ${standalone.url}; its log is ${standalone.logFile}\n`);
  const address = await demonstrate({ ...standalone, folder: dataDir, pace, say });
  if (options.picture) await takePicture({ address, atSeconds: 35 * pace, path: 'docs/images/viewer.png' });
  say(`\nThe replay: ${address}`);
  if (!options.once) say('It stays up until Ctrl-C.');
  if (options.once) await standalone.end();
} catch (error) {
  await standalone?.end();
  throw error;
}

function refuse(complaint: string): never {
  process.stderr.write(`${complaint}\n${usage}`);
  process.exit(2);
}
