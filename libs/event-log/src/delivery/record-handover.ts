import type { DeadLetterReason, LogRecord } from '../event-log.ts';
import { isPoisonous } from './is-poisonous.ts';

/** Failures that are no outage, of a batch and then of the very record, after which it is set aside. */
const poisonAttempts = 5;

export type HandoverOptions = {
  onRecords: (records: readonly LogRecord[]) => Promise<void>;
  deadLetter: (record: LogRecord, reason: DeadLetterReason) => Promise<void>;
  /** Tells of the failure and waits. Resolves to false when the records are no longer to be handed over. */
  pause: (error: unknown, attempt: number) => Promise<boolean>;
};

/**
 * Hands records to a consumer until it takes them. A batch that keeps failing for no outage is handed over one by one, and
 * the record that fails alone becomes a dead letter.
 * @returns false when it was broken off
 */
export async function handOver(records: readonly LogRecord[], options: HandoverOptions): Promise<boolean> {
  let poisonous = 0;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await options.onRecords(records);
      return true;
    } catch (error) {
      poisonous = isPoisonous(error) ? poisonous + 1 : 0;
      if (poisonous < poisonAttempts) {
        if (!(await options.pause(error, attempt))) return false;
      } else if (records.length > 1) {
        return handOverOneByOne(records, options);
      } else {
        return setAside(records[0]!, error, options);
      }
    }
  }
}

async function handOverOneByOne(records: readonly LogRecord[], options: HandoverOptions): Promise<boolean> {
  for (const record of records) if (!(await handOver([record], options))) return false;
  return true;
}

async function setAside(record: LogRecord, error: unknown, options: HandoverOptions): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await options.deadLetter(record, describeFailure(error));
      return true;
    } catch (failure) {
      if (!(await options.pause(failure, attempt))) return false;
    }
  }
}

/** An error as the reason of a dead letter. */
export function describeFailure(error: unknown): DeadLetterReason {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return {
    code: typeof code === 'string' ? code : error instanceof SyntaxError ? 'not-json' : 'consumer-failed',
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  };
}
