export type ConfigProblem = { variable: string; expected: string };

/** The environment cannot be used as it is. The message names every variable at fault; it never repeats a value, which may be secret. */
export class ConfigError extends Error {
  readonly code = 'config-invalid';
  readonly retriable = false;

  constructor(readonly problems: readonly ConfigProblem[]) {
    super(
      ['The configuration is wrong:', ...problems.map(({ variable, expected }) => `  ${variable}: ${expected}`)].join(
        '\n',
      ),
    );
    this.name = 'ConfigError';
  }
}
