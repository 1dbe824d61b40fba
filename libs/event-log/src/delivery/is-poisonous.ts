/** Faults of a program that meets what it cannot handle; a service that is away does not cause them. */
const programFaults = [TypeError, RangeError, SyntaxError, ReferenceError];

/**
 * Whether an error tells of the record rather than of the surroundings. Only what says so counts: in doubt it is an
 * outage, because a good record that is set aside is missing from its recording.
 */
export function isPoisonous(error: unknown): boolean {
  if (typeof error === 'object' && error !== null && 'retriable' in error) return error.retriable === false;
  return programFaults.some((fault) => error instanceof fault);
}
