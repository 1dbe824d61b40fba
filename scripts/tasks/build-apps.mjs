import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../setup/paths.mjs';

/**
 * Compiles libs and apps to JavaScript in dist/node by `nest build` and makes that folder resolve @rushes/<name> within itself:
 * `node dist/node/apps/standalone/src/main.js` runs it.
 */
const outFolder = join(projectFolder, 'dist/node');

rmSync(outFolder, { recursive: true, force: true });
const nest = join(projectFolder, 'node_modules/@nestjs/cli/bin/nest.js');
const { status } = spawnSync(process.execPath, [nest, 'build', 'standalone'], { cwd: projectFolder, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

const packagesFolder = join(outFolder, 'node_modules/@rushes');
mkdirSync(packagesFolder, { recursive: true });
for (const name of readdirSync(join(outFolder, 'libs'))) {
  const manifest = readFileSync(join(projectFolder, 'libs', name, 'package.json'), 'utf8');
  writeFileSync(join(outFolder, 'libs', name, 'package.json'), manifest.replace(/\.ts"/g, '.js"'));
  symlinkSync(join('../../libs', name), join(packagesFolder, name), 'dir');
}
