import { Command } from 'commander';
import { apiKeysCommand } from './commands/api-keys.ts';
import { deadLettersCommand } from './commands/dead-letters.ts';
import { deriveCommand } from './commands/derive.ts';
import { importCommand } from './commands/import.ts';
import { migrateCommand } from './commands/migrate.ts';
import { tokensCommand } from './commands/tokens.ts';
import { topicsCommand } from './commands/topics.ts';

/** The command `rushes` with all that it can do. Errors of the command line are thrown, not ended with. */
export function createProgram(): Command {
  const program = new Command('rushes')
    .description(
      'Looks after an installation of Rushes. Finds it as the services do: by the environment variables of docs/configuration.md.',
    )
    .addHelpText('after', '\nExit codes: 0 done, 1 failed or found to be wrong, 2 wrong command line.')
    .showHelpAfterError('(--help says what can be asked for)');
  for (const command of [
    topicsCommand,
    deadLettersCommand,
    migrateCommand,
    deriveCommand,
    importCommand,
    apiKeysCommand,
    tokensCommand,
  ]) {
    program.addCommand(command());
  }
  forAll(program, (command) => command.exitOverride());
  return program;
}

/** Settings of a command are not handed down to commands that were made apart from it. */
function forAll(command: Command, change: (command: Command) => void): void {
  change(command);
  for (const each of command.commands) forAll(each.copyInheritedSettings(command), change);
}
