import type { S3ClientConfig } from '@aws-sdk/client-s3';

/** How the store encrypts what is put. Without it the bucket's own setting holds. */
export type S3Encryption = { algorithm: 'AES256' } | { algorithm: 'aws:kms'; keyId?: string };

export type S3ObjectStoreOptions = {
  bucket: string;
  region: string;
  /** Of a server that is not AWS. */
  endpoint?: string;
  /** How browsers reach the server, for presigned URLs. Default: the endpoint. */
  publicEndpoint?: string;
  /** Bucket in the path instead of the host name. Default false. */
  pathStyle?: boolean;
  /** Comes before every key, with a `/` between; without it keys lie at the bucket's root. */
  keyPrefix?: string;
  encryption?: S3Encryption;
  /** Default: found by the SDK's default chain (environment, files, container, instance). */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** A connection on which nothing moves for so long is dead, milliseconds. Default 15 s. */
  idleMs?: number;
};

/** A server that does not take a connection for so long is away. Milliseconds. */
const connectMs = 4_000;
/** Connections at once; what comes on top waits its turn. */
const mostConnections = 64;

/** The SDK's own settings for these options, towards the endpoint given. */
export function clientConfig(options: S3ObjectStoreOptions, endpoint = options.endpoint): S3ClientConfig {
  const { region, pathStyle = false, credentials, idleMs = 15_000 } = options;
  const agent = { keepAlive: true, maxSockets: mostConnections };
  return {
    region,
    forcePathStyle: pathStyle,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    // Three tries with growing pauses; while most calls fail, fewer and fewer are repeated.
    retryMode: 'standard',
    maxAttempts: 3,
    requestHandler: { connectionTimeout: connectMs, socketTimeout: idleMs, httpAgent: agent, httpsAgent: agent },
  };
}
