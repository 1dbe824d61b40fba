import kafkajs from 'kafkajs';
import { EventLogUnavailableError, EventRefusedError } from '../../errors.ts';

// Node does not see these names of the CommonJS module as exports.
const { KafkaJSProtocolError } = kafkajs;

/** When nothing is known about how long it takes, milliseconds. */
const retryAfterMs = 2_000;

/** Answers of a broker that trying again does not change. */
const refusals: Readonly<Record<string, 'event-too-large' | 'event-refused'>> = {
  MESSAGE_TOO_LARGE: 'event-too-large',
  RECORD_LIST_TOO_LARGE: 'event-too-large',
  INVALID_RECORD: 'event-refused',
  INVALID_TIMESTAMP: 'event-refused',
  POLICY_VIOLATION: 'event-refused',
};

/** What kafkajs says, in the words of the port. */
export function toAppendError(error: unknown): EventLogUnavailableError | EventRefusedError {
  const type = protocolTypeOf(error);
  const code = type === undefined ? undefined : refusals[type];
  const message = error instanceof Error ? error.message : String(error);
  if (code !== undefined) return new EventRefusedError(code, message, { cause: error });
  return new EventLogUnavailableError(`Kafka does not take events now: ${message}`, retryAfterMs, { cause: error });
}

/** kafkajs wraps a broker's answer in the error of its retries. */
function protocolTypeOf(error: unknown): string | undefined {
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth += 1) {
    if (each instanceof KafkaJSProtocolError) return each.type;
  }
  return undefined;
}
