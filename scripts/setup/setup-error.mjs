/** Set-up cannot go on, and the reader can do something about it: shown without a stack trace. */
export class SetupError extends Error {
  name = 'SetupError';
  code = 'setup-failed';

  /**
   * @param {string} message what is wrong, in a sentence
   * @param {{ remedy?: string, output?: string, cause?: unknown }} [facts]
   *   `remedy`: the command to type; `output`: the end of what a failed command said
   */
  constructor(message, { remedy, output, cause } = {}) {
    super(message, { cause });
    this.remedy = remedy;
    this.output = output;
  }
}
