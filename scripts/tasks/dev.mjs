import { spawn } from 'node:child_process';
import { projectFolder } from '../setup/paths.mjs';

/**
 * `npm run dev`: pages and SDK are built again when a source of theirs changes (then reload the page), the service is
 * started again when a file that it imports changes. Ends with Ctrl-C, or when one of the two ends.
 */
const commands = [
  ['scripts/web/build-web.mjs', '--watch'],
  ['--watch', '--import', 'tsx', 'apps/standalone/src/main.ts', ...process.argv.slice(2)],
];

const children = commands.map((args) => spawn(process.execPath, args, { cwd: projectFolder, stdio: 'inherit' }));
const endAll = () => children.forEach((child) => child.kill('SIGTERM'));
process.on('SIGTERM', endAll);
// Ctrl-C reaches the children by itself.
process.on('SIGINT', () => undefined);
for (const child of children) {
  child.on('exit', (code) => {
    process.exitCode ||= code ?? 0;
    endAll();
  });
}
