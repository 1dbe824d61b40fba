import { spawn } from 'node:child_process';
import { projectFolder } from './paths.mjs';
import { SetupError } from './setup-error.mjs';

const keptLines = 40;

/**
 * Runs a command without showing what it prints, unless it fails.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onOutput?: (text: string) => void }} [options]
 * @returns {Promise<string>} its standard output
 * @throws {SetupError} with the last lines it printed when it cannot be started or exits with another code than 0
 */
export async function runCommand(command, args, { cwd = projectFolder, env = process.env, onOutput } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let standardOutput = '';
  let everything = '';
  child.stdout.on('data', (bytes) => {
    standardOutput += bytes;
    everything += bytes;
    onOutput?.(String(bytes));
  });
  child.stderr.on('data', (bytes) => (everything += bytes));
  const exitCode = await new Promise((resolve, reject) => {
    child.on('error', (cause) =>
      reject(new SetupError(`${command} could not be started: ${cause.message}`, { cause })),
    );
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  if (exitCode !== 0) {
    throw new SetupError(`${[command, ...args].join(' ')} failed (exit ${exitCode})`, {
      output: everything.trimEnd().split('\n').slice(-keptLines).join('\n'),
    });
  }
  return standardOutput;
}
