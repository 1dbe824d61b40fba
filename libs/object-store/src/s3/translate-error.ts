import { ObjectStoreError } from '../object-store-error.ts';

export type S3Place = { bucket: string; region: string; endpoint: string | undefined };

/** Answers that are about credentials and policies. */
const deniedNames = new Set([
  'AccessDenied',
  'AccountProblem',
  'AllAccessDisabled',
  'ExpiredToken',
  'Forbidden',
  'InvalidAccessKeyId',
  'InvalidToken',
  'SignatureDoesNotMatch',
]);
const regionNames = new Set([
  'AuthorizationHeaderMalformed',
  'PermanentRedirect',
  'IllegalLocationConstraintException',
]);
/** 4xx that say "later": AWS's own list of what its clients try again. */
const patienceNames = new Set([
  'OperationAborted',
  'RequestTimeout',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

type Answer = {
  name?: unknown;
  $metadata?: { httpStatusCode?: number | undefined };
  $response?: { statusCode?: number };
};

/** HTTP status of the answer that an SDK error stands for; undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  const { $metadata, $response } = error as Answer;
  return $metadata?.httpStatusCode ?? $response?.statusCode;
}

export function nameOf(error: unknown): string {
  const { name } = error as Answer;
  return typeof name === 'string' ? name : '';
}

/** What the SDK threw, in the words of the port: what is missing, which variable says it, and whether to try again. */
export function translateError(error: unknown, place: S3Place): ObjectStoreError {
  if (error instanceof ObjectStoreError) return error;
  const [name, status] = [nameOf(error), statusOf(error)];
  const where = `bucket "${place.bucket}" at ${place.endpoint ?? `AWS ${place.region}`}`;
  const cause = { cause: error };
  if (name === 'NoSuchBucket') {
    const hint = 'RUSHES_S3_BUCKET: expected a bucket that is there';
    return new ObjectStoreError('bucket-missing', `There is no ${where}. ${hint}`, cause);
  }
  if (name === 'CredentialsProviderError') {
    const hint =
      "expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another source of the AWS SDK's default chain";
    return new ObjectStoreError('credentials-missing', `No credentials for ${where}: ${hint}`, cause);
  }
  if (regionNames.has(name) || status === 301) {
    const hint = `RUSHES_S3_REGION: expected the bucket's own region, is ${place.region}`;
    return new ObjectStoreError('region-wrong', `Another region has ${where}. ${hint}`, cause);
  }
  if (deniedNames.has(name) || ((status === 401 || status === 403) && !patienceNames.has(name))) {
    const hint =
      'expected credentials that may s3:GetObject, PutObject, DeleteObject, ListBucket, AbortMultipartUpload';
    return new ObjectStoreError('access-denied', `Access to ${where} was denied (${name || status}): ${hint}`, cause);
  }
  if (patienceNames.has(name) || status === undefined || status === 429 || status >= 500) {
    const reason = status === undefined ? reasonOf(error) : `${status} ${name}`;
    return new ObjectStoreError('object-store-unavailable', `No answer from ${where}: ${reason}`, cause);
  }
  return new ObjectStoreError('object-store-refused', `${where} answered ${status} ${name}`, cause);
}

/** A refused connection is an AggregateError without a message when a name has several addresses. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return [code, error.message].filter((part) => part !== '').join(' ') || error.name;
}
