import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFolder } from '../setup/paths.mjs';

it('closes with what was skipped and what failed (an unloadable file too), by name, and with how many passed', () => {
  const vitest = join(projectFolder, 'node_modules/vitest/vitest.mjs');
  const root = join(projectFolder, 'scripts/vitest/fixtures');
  const { stdout, status } = spawnSync(process.execPath, [vitest, 'run', '--root', root], { encoding: 'utf8' });

  expect(stdout.trimEnd().split('\n').slice(-4)).toEqual([
    'skipped: mixed.fixture.ts > is skipped',
    'failed: mixed.fixture.ts > fails: expected 1 to be 2 // Object.is equality',
    'failed: unloadable.fixture.ts: this file cannot be loaded',
    '1 passed, 2 failed, 1 skipped',
  ]);
  expect(status).toBe(1);
}, 30_000);
