import { CommanderError } from 'commander';
import { createProgram } from './create-program.ts';

/** What the shell is told. */
export const exitCodes = { done: 0, failed: 1, misused: 2 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/**
 * Runs one command. What was asked for goes to standard output, everything else to standard error.
 * @param args what stands after `rushes`
 * @returns 0 when it is done; 1 when it failed, or found what it checked to be wrong; 2 when the command line was wrong
 */
export async function runCommand(args: readonly string[]): Promise<ExitCode> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    // Commander has said what was wrong; showing help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.misused;
    process.stderr.write(`${describe(error)}\n`);
    return exitCodes.failed;
  }
}

/** Errors with a code, and the Kafka client's, were meant to be read; of others only the stack helps. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isMeant = 'code' in error || error.name.startsWith('KafkaJS');
  return isMeant ? error.message : (error.stack ?? error.message);
}
