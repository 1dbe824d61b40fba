import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { printHead, printRow, printSum } from './print-rows.ts';
import { runScenario, type Outcome } from './run-scenario.ts';
import { longMeeting, scenarios, shortForm, type Scenario } from './scenarios.ts';
import { Stage } from './stage.ts';
import { busynessOf, rowsOf, type Row } from './verdict.ts';

const usage = `npm run bench:sync -- [options] [part of a scenario's name …]

Holds meetings under scripted trouble, one after the other, and judges what of them is seen and heard: in the exported MP4 and in the
viewer page. Prints one row for each participant and medium. Ends with 1 when a limit is missed.

  --minutes N   one long meeting of N minutes instead of the scenarios, one sender's sound 200 ppm fast (120: the nightly run);
                above ten minutes, thirteen stretches of 40 s from its beginning to its end are judged
  --short       the short form that runs in npm test
  --list        the names of the scenarios

Every sender's pictures carry the millisecond of its sound's clock, flash and beep begin with each second of it. Offsets are those
of beeps against the codes of the pictures around them; positive: the sound is late. Presence counts the seconds that were sent and
recorded, but for 1.5 s after a track began or went on (its first key frame) and 0.5 s before it ended. A flash was sent when a picture
that was certainly captured in it has left the browser: a busy one leaves pictures out.
"between" is how far participants are apart in what is presented, 95 of 100 seconds, against when it was captured.
How the viewer is measured, and what that cannot see: test/sync/observe-viewer.ts. The MP4 is decoded frame by frame.
The network is a UDP relay with a seeded random source (test/sync/relay.ts); what a browser cannot be made to do is sent as RTP.
The figures want an idle machine of two cores.
`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string' },
    short: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const rows: Row[] = [];
const chosen = choose();
// Ends by itself: on Node 24 with tsx, `process.exit` this early hangs now and then.
if (options.list) process.stdout.write(`${scenarios.map(({ name }) => name).join('\n')}\n`);
else if (options.help) process.stdout.write(usage);
else if (typeof chosen === 'string') {
  process.stdout.write(`${chosen}\n${usage}`);
  process.exitCode = 2;
} else await judgeAll(chosen);

async function judgeAll(chosen: readonly Scenario[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rushes-sync-'));
  const stage = await Stage.open();
  try {
    printHead();
    for (const scenario of chosen) {
      try {
        report(await runScenario(stage, scenario, folder));
      } catch (error) {
        process.exitCode = 1;
        process.stdout.write(`| ${scenario.name} failed: ${String(error)}\n`);
      }
    }
    printSum(rows);
  } finally {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function report(outcome: Outcome): void {
  for (const row of rowsOf(outcome)) {
    rows.push(row);
    printRow(row);
    if (row.missed.length > 0) process.exitCode = 1;
  }
  const busyness = busynessOf(outcome);
  if (busyness !== '') process.stdout.write(`  (${busyness})\n`);
}

/** What is to be run, or what is wrong with what was asked for. */
function choose() {
  if (options.short) return [shortForm];
  if (options.minutes !== undefined) {
    const minutes = Number(options.minutes);
    if (!(minutes > 0 && minutes <= 600)) return `--minutes: expected a number up to 600, got "${options.minutes}"`;
    return [longMeeting(minutes)];
  }
  const parts = positionals.map((part) => part.toLowerCase());
  const found = scenarios.filter(
    ({ name }) => parts.length === 0 || parts.some((part) => name.toLowerCase().includes(part)),
  );
  return found.length > 0
    ? found
    : `no scenario is called "${positionals.join(' ')}": expected a part of one of the names of --list`;
}
