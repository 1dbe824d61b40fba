import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFolder } from '../setup/paths.mjs';

it('closes with what passed, failed (an unloadable file too) and was skipped, by name', () => {
  const vitest = join(projectFolder, 'node_modules/vitest/vitest.mjs');
  const root = join(projectFolder, 'scripts/vitest/fixtures');
  const { stdout, status } = spawnSync(process.execPath, [vitest, 'run', '--root', root], { encoding: 'utf8' });

  expect(stdout.trimEnd().split('\n').slice(-2)).toEqual([
    'skipped: mixed.fixture.ts > is skipped',
    '1 passed, 2 failed, 1 skipped',
  ]);
  expect(status).toBe(1);
}, 30_000);
