/**
 * - `object-store-unavailable`: no answer, or one that asks for patience; worth another try.
 * - `object-changed`: replaced while it was being read, or since it was read by who wants to replace it; reading anew helps.
 * - `bucket-missing`, `access-denied`, `credentials-missing`, `region-wrong`: the configuration or the store's policy is to be changed.
 * - `object-store-refused`: an answer that nothing here expects.
 */
export type ObjectStoreErrorCode =
  | 'object-store-unavailable'
  | 'object-changed'
  | 'bucket-missing'
  | 'access-denied'
  | 'credentials-missing'
  | 'region-wrong'
  | 'object-store-refused';

/** A store on the network did not do what it was asked. The message names what is to be changed; it holds no secret. */
export class ObjectStoreError extends Error {
  /** Whether the same call may succeed later, without anybody's hand. */
  readonly retriable: boolean;

  constructor(
    readonly code: ObjectStoreErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ObjectStoreError';
    this.retriable = code === 'object-store-unavailable' || code === 'object-changed';
  }
}
