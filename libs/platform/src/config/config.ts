import { resolve } from 'node:path';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import type { RawPackets } from './variable-schemas.ts';
import { programVariables, variables, type VariableName, type VariableValues } from './variables.ts';

/** Injection token of {@link Config}. */
export const CONFIG = Symbol('CONFIG');

/** The environment, read once: typed, complete, and nothing reads it again. Folders are absolute, URLs without a slash at the end. */
export type Config = {
  host: string;
  httpPort: number;
  viewerPort: number;
  publicUrl: string;
  viewerUrl: string;
  /** Where browsers reach this very process's rooms, past any balancer. */
  recorderUrl: string;
  /** Sources of the meeting page's policy, `http` or `https`: the recorders' own URLs. */
  recorderOrigins: string[];
  dataDir: string;
  webDir: string;
  logLevel: VariableValues['RUSHES_LOG_LEVEL'];
  logFormat: 'json' | 'text';
  apiKey?: string;
  metricsToken?: string;
  /** Seconds that a token of each scope lives. */
  tokenTtlSeconds: { meeting: number; capture: number; viewer: number };
  /** How long a process that ends lets work finish. */
  drainMs: number;
  /** Address that media transports bind. */
  rtcHost: string;
  rtcPortMin: number;
  rtcPortMax: number;
  announcedAddress?: string;
  eventLog: 'embedded' | 'kafka';
  /** `brokers` is empty unless `eventLog` is `kafka`. */
  kafka: {
    brokers: string[];
    topicPrefix?: string;
    partitions: number;
    replication?: number;
    ssl: boolean;
    sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string };
  };
  /** How long events stay in the log, milliseconds; -1 for ever. */
  retentionMs: { events: number; dom: number };
  objectStore: 'filesystem' | 's3';
  /** `bucket` is empty unless `objectStore` is `s3`. */
  s3: {
    bucket: string;
    region: string;
    endpoint?: string;
    publicEndpoint?: string;
    pathStyle: boolean;
    keyPrefix?: string;
    encryption?: { algorithm: 'AES256' } | { algorithm: 'aws:kms'; keyId?: string };
  };
  /** Whether big downloads are answered with a presigned URL of the object store. */
  isDownloadRedirected: boolean;
  /** Most that the recorder keeps on local disk. */
  spoolLimitBytes: number;
  /** Most that one upload of recordings made elsewhere may hold. */
  importLimitBytes: number;
  /** How long a recorder that is gone may take to come back. */
  recorderGraceMs: number;
  rawPackets: RawPackets;
  databaseUrl?: string;
  /** Connections of this process to the PostgreSQL server. */
  databasePoolSize: number;
  /** Variables that begin with `RUSHES_` and mean nothing: probably misspelt. */
  unknownVariables: string[];
};

const hourMs = 3_600_000;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration from `env`. A variable that is empty counts as not set.
 * @param options.isApart the process is one service of several, which meet in a log, a store and a database that all reach
 * @throws ConfigError naming every variable that is wrong and what was expected of it.
 */
export function loadConfig(env: Environment, { isApart = false }: { isApart?: boolean } = {}): Config {
  const problems: ConfigProblem[] = [];
  const values = readVariables(env, problems);
  const reported = new Set(problems.map((problem) => problem.variable));
  problems.push(...contradictions(values, reported));
  if (isApart) problems.push(...embeddedAdapters(values, reported));
  if (problems.length > 0) throw new ConfigError(problems);
  return toConfig(values as VariableValues, env);
}

function readVariables(env: Environment, problems: ConfigProblem[]): Partial<VariableValues> {
  const values: Record<string, unknown> = {};
  for (const [name, { schema }] of Object.entries(variables)) {
    const result = schema.safeParse(env[name] === '' ? undefined : env[name]);
    if (result.success) values[name] = result.data;
    else problems.push({ variable: name, expected: result.error.issues.map((issue) => issue.message).join(', ') });
  }
  return values;
}

/** What is right by itself but not together. Says nothing about variables already reported. */
function contradictions(values: Partial<VariableValues>, reported: ReadonlySet<string>): ConfigProblem[] {
  const found: ConfigProblem[] = [];
  const note = (variable: VariableName, expected: string) => {
    if (!reported.has(variable)) found.push({ variable, expected });
  };
  if (values.RUSHES_EVENT_LOG === 'kafka' && !values.RUSHES_KAFKA_BROKERS) {
    note('RUSHES_KAFKA_BROKERS', 'expected the brokers, because RUSHES_EVENT_LOG is kafka');
  }
  const logOn = ['RUSHES_KAFKA_SASL_MECHANISM', 'RUSHES_KAFKA_SASL_USERNAME', 'RUSHES_KAFKA_SASL_PASSWORD'] as const;
  if (logOn.some((name) => values[name])) {
    for (const name of logOn) if (!values[name]) note(name, `expected together with the other ${logOn.length - 1}`);
  }
  if (values.RUSHES_OBJECT_STORE === 's3' && !values.RUSHES_S3_BUCKET) {
    note('RUSHES_S3_BUCKET', 'expected a bucket, because RUSHES_OBJECT_STORE is s3');
  }
  if (values.RUSHES_S3_KMS_KEY_ID && values.RUSHES_S3_ENCRYPTION !== 'aws:kms') {
    note('RUSHES_S3_ENCRYPTION', 'expected aws:kms, because RUSHES_S3_KMS_KEY_ID is set');
  }
  if (values.RUSHES_DOWNLOAD_REDIRECT && values.RUSHES_OBJECT_STORE === 'filesystem') {
    note('RUSHES_DOWNLOAD_REDIRECT', 'expected false, because RUSHES_OBJECT_STORE is filesystem');
  }
  const { RUSHES_RTC_PORT_MIN: min, RUSHES_RTC_PORT_MAX: max } = values;
  if (min !== undefined && max !== undefined && min > max) {
    note('RUSHES_RTC_PORT_MAX', `expected at least RUSHES_RTC_PORT_MIN, ${min}`);
  }
  const { RUSHES_HTTP_PORT: http, RUSHES_VIEWER_PORT: viewer } = values;
  if (http !== undefined && http === viewer && http !== 0) {
    note('RUSHES_VIEWER_PORT', `expected another port than RUSHES_HTTP_PORT, ${http}`);
  }
  const urls = effectiveUrls(values);
  if (urls && new URL(urls.publicUrl).origin === new URL(urls.viewerUrl).origin && http !== viewer) {
    const variable = values.RUSHES_VIEWER_URL === undefined ? 'RUSHES_PUBLIC_URL' : 'RUSHES_VIEWER_URL';
    const other = variable === 'RUSHES_VIEWER_URL' ? `the API's, ${urls.publicUrl}` : `the viewer's, ${urls.viewerUrl}`;
    note(variable, `expected another origin than ${other}, since the viewer shows pages that somebody else wrote`);
  }
  return found;
}

/** What belongs to one process and cannot be shared with the services beside it. */
function embeddedAdapters(values: Partial<VariableValues>, reported: ReadonlySet<string>): ConfigProblem[] {
  const why = (what: string) => `because this service runs apart: ${what} belongs to one process`;
  const needed: (ConfigProblem & { isMissing: boolean })[] = [
    {
      variable: 'RUSHES_DATABASE_URL',
      expected: `expected a postgres:// URL, ${why('an embedded database')}`,
      isMissing: values.RUSHES_DATABASE_URL === undefined,
    },
    {
      variable: 'RUSHES_EVENT_LOG',
      expected: `expected kafka, ${why('an embedded event log')}`,
      isMissing: values.RUSHES_EVENT_LOG === 'embedded',
    },
    {
      variable: 'RUSHES_OBJECT_STORE',
      expected: `expected s3, ${why('a folder')}`,
      isMissing: values.RUSHES_OBJECT_STORE === 'filesystem',
    },
  ];
  return needed
    .filter(({ variable, isMissing }) => isMissing && !reported.has(variable))
    .map(({ variable, expected }) => ({ variable, expected }));
}

/** Where browsers reach the two listeners, given or by default; undefined while a variable that says so is wrong. */
function effectiveUrls(values: Partial<VariableValues>): { publicUrl: string; viewerUrl: string } | undefined {
  const { RUSHES_HOST: host, RUSHES_HTTP_PORT: http, RUSHES_VIEWER_PORT: viewer } = values;
  const { RUSHES_PUBLIC_URL: publicUrl, RUSHES_VIEWER_URL: viewerUrl } = values;
  // A port of 0 is not known yet, and one that the system chooses is nobody else's.
  const defaultOf = (port: number | undefined) =>
    host === undefined || port === undefined || port === 0 ? undefined : urlOf(host, port);
  const [ofApi, ofViewer] = [publicUrl ?? defaultOf(http), viewerUrl ?? defaultOf(viewer)];
  return ofApi === undefined || ofViewer === undefined ? undefined : { publicUrl: ofApi, viewerUrl: ofViewer };
}

function toConfig(values: VariableValues, env: Environment): Config {
  const host = values.RUSHES_HOST;
  const publicUrl = values.RUSHES_PUBLIC_URL ?? urlOf(host, values.RUSHES_HTTP_PORT);
  const announcedAddress = values.RUSHES_RTC_ANNOUNCED_ADDRESS;
  return {
    host,
    httpPort: values.RUSHES_HTTP_PORT,
    viewerPort: values.RUSHES_VIEWER_PORT,
    publicUrl,
    viewerUrl: values.RUSHES_VIEWER_URL ?? urlOf(host, values.RUSHES_VIEWER_PORT),
    recorderUrl: values.RUSHES_RECORDER_URL ?? publicUrl,
    recorderOrigins: values.RUSHES_RECORDER_ORIGINS ?? [],
    dataDir: resolve(values.RUSHES_DATA_DIR),
    webDir: resolve(values.RUSHES_WEB_DIR),
    logLevel: values.RUSHES_LOG_LEVEL,
    logFormat: values.RUSHES_LOG_FORMAT ?? (process.stdout.isTTY ? 'text' : 'json'),
    ...optional('apiKey', values.RUSHES_API_KEY),
    ...optional('metricsToken', values.RUSHES_METRICS_TOKEN),
    tokenTtlSeconds: {
      meeting: values.RUSHES_TOKEN_TTL_MEETING_SECONDS,
      capture: values.RUSHES_TOKEN_TTL_CAPTURE_SECONDS,
      viewer: values.RUSHES_TOKEN_TTL_VIEWER_SECONDS,
    },
    drainMs: values.RUSHES_DRAIN_SECONDS * 1000,
    rtcHost: values.RUSHES_RTC_HOST ?? host,
    rtcPortMin: values.RUSHES_RTC_PORT_MIN,
    rtcPortMax: values.RUSHES_RTC_PORT_MAX,
    ...optional('announcedAddress', announcedAddress),
    eventLog: values.RUSHES_EVENT_LOG,
    kafka: {
      brokers: values.RUSHES_KAFKA_BROKERS ?? [],
      ...optional('topicPrefix', values.RUSHES_KAFKA_TOPIC_PREFIX),
      partitions: values.RUSHES_KAFKA_PARTITIONS,
      ...optional('replication', values.RUSHES_KAFKA_REPLICATION),
      ssl: values.RUSHES_KAFKA_SSL,
      ...optional('sasl', saslOf(values)),
    },
    retentionMs: {
      events: values.RUSHES_EVENTS_RETENTION_HOURS === undefined ? -1 : values.RUSHES_EVENTS_RETENTION_HOURS * hourMs,
      dom: values.RUSHES_DOM_RETENTION_HOURS * hourMs,
    },
    objectStore: values.RUSHES_OBJECT_STORE,
    s3: {
      bucket: values.RUSHES_S3_BUCKET ?? '',
      region: values.RUSHES_S3_REGION,
      ...optional('endpoint', values.RUSHES_S3_ENDPOINT),
      ...optional('publicEndpoint', values.RUSHES_S3_PUBLIC_ENDPOINT),
      pathStyle: values.RUSHES_S3_PATH_STYLE,
      ...optional('keyPrefix', values.RUSHES_S3_KEY_PREFIX),
      ...optional('encryption', encryptionOf(values)),
    },
    isDownloadRedirected: values.RUSHES_DOWNLOAD_REDIRECT,
    spoolLimitBytes: values.RUSHES_SPOOL_LIMIT_BYTES,
    importLimitBytes: values.RUSHES_IMPORT_LIMIT_BYTES,
    recorderGraceMs: values.RUSHES_RECORDER_GRACE_SECONDS * 1000,
    rawPackets: values.RUSHES_RAW_PACKETS,
    ...optional('databaseUrl', values.RUSHES_DATABASE_URL),
    databasePoolSize: values.RUSHES_DATABASE_POOL_SIZE,
    unknownVariables: Object.keys(env).filter(isUnknown),
  };
}

function encryptionOf(values: VariableValues): Config['s3']['encryption'] {
  const algorithm = values.RUSHES_S3_ENCRYPTION;
  return algorithm === 'aws:kms'
    ? { algorithm, ...optional('keyId', values.RUSHES_S3_KMS_KEY_ID) }
    : algorithm && { algorithm };
}

function saslOf(values: VariableValues): Config['kafka']['sasl'] {
  const { RUSHES_KAFKA_SASL_MECHANISM: mechanism, RUSHES_KAFKA_SASL_USERNAME: username } = values;
  const password = values.RUSHES_KAFKA_SASL_PASSWORD;
  return mechanism && username && password ? { mechanism, username, password } : undefined;
}

/** A wildcard address is not one that a browser can open. */
function urlOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

function isUnknown(name: string): boolean {
  return name.startsWith('RUSHES_') && !Object.hasOwn(variables, name) && !programVariables.includes(name);
}
