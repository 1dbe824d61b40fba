import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { projectFolder } from './paths.mjs';

/**
 * Runs a program in this terminal, as if it had been started there: signals reach it, its exit code is ours.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} its exit code; 128 + the signal's number when a signal ended it
 */
export function runToEnd(program, args, { env }) {
  const child = spawn(program, args, { cwd: projectFolder, env, stdio: 'inherit' });
  // Ctrl-C reaches the whole foreground group: the child decides what it means, we only stay until it is done.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
