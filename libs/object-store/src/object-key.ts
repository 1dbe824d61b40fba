const pattern = /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/;
const maxLength = 900;

/** @throws InvalidObjectKeyError */
export function assertObjectKey(key: string): void {
  const hasDotSegment = key.split('/').some((segment) => segment === '.' || segment === '..');
  if (!pattern.test(key) || hasDotSegment || key.length > maxLength) throw new InvalidObjectKeyError(key);
}

export class InvalidObjectKeyError extends Error {
  readonly code = 'object-key-invalid';
  readonly retriable = false;

  constructor(readonly key: string) {
    super(
      `Invalid object key ${JSON.stringify(key.slice(0, 200))}: expected up to ${maxLength} letters, digits, ".", "_" or "-", ` +
        'in segments separated by single "/", none of them "." or ".."',
    );
    this.name = 'InvalidObjectKeyError';
  }
}
