import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatHead } from '../../test/bench/table.ts';

/**
 * `npm run bench`: every test/bench/*.bench.ts in turn, each in a process of its own, their rows in one table.
 * With arguments, those whose name contains one of them.
 */
const folder = 'test/bench';
const wanted = process.argv.slice(2);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.bench.ts'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();

process.stdout.write(`${formatHead()}\n`);
for (const file of files) {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', join(folder, file)], { stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(`${file}: a limit was missed or it failed\n`);
    process.exitCode = 1;
  }
}
