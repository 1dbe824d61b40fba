import type { ProblemField } from '@rushes/platform';
import type { FileReport } from './import-report.ts';

/** Nothing can be imported; no recording was made. */
export class ImportError extends Error {
  readonly retriable = false;

  constructor(
    /** `import-json-invalid`: `fields` say where. `nothing-imported`: `files` say why. */
    readonly code: 'import-json-invalid' | 'nothing-imported',
    message: string,
    readonly facts: { fields?: readonly ProblemField[]; files?: readonly FileReport[] } = {},
  ) {
    super(message);
    this.name = 'ImportError';
  }
}
