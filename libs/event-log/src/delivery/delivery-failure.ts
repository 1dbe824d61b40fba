/** A step of a subscription that failed and will be tried again. */
export type DeliveryFailure = { group: string; error: unknown; attempt: number; retryInMs: number };

/** What a log says of a failed step when nobody else listens. */
export function warnOfFailure({ group, error, attempt, retryInMs }: DeliveryFailure): void {
  const reason = error instanceof Error ? error.message : String(error);
  process.emitWarning(
    `Group ${group} failed to take its records (attempt ${attempt}): ${reason}. Again in ${retryInMs} ms.`,
  );
}
