import { warnOfFailure, type DeliveryFailure } from './delivery-failure.ts';

/** How a log hands records to its consumers. */
export type DeliveryOptions = {
  /** A batch handed to `onRecords` holds at most so many records. Default 500. */
  maxRecords?: number;
  /** … and ends with the record that reaches this many bytes of JSON. Default 4 MB. */
  maxBytes?: number;
  /** Pause before a step that failed is tried again; doubles up to `maxRetryMs`. Default 100 and 10 000. */
  firstRetryMs?: number;
  maxRetryMs?: number;
  /** Told of every step that failed and will be tried again. Default: a process warning. */
  onFailure?: (failure: DeliveryFailure) => void;
};

export function completeDeliveryOptions(options: DeliveryOptions): Required<DeliveryOptions> {
  return {
    maxRecords: options.maxRecords ?? 500,
    maxBytes: options.maxBytes ?? 4_000_000,
    firstRetryMs: options.firstRetryMs ?? 100,
    maxRetryMs: options.maxRetryMs ?? 10_000,
    onFailure: options.onFailure ?? warnOfFailure,
  };
}
