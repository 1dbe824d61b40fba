import { z } from 'zod';
import { kafkaVariables } from './kafka-variables.ts';
import {
  port,
  rtcPort,
  seconds,
  bytes,
  switchValue,
  httpUrl,
  postgresUrl,
  list,
  originPattern,
  rawPackets,
  day,
  type Variable,
} from './variable-schemas.ts';

/**
 * Every variable the product reads, in the order of the documentation. Nothing else reads the environment, except for
 * `MEDIASOUP_WORKER_BIN` (mediasoup's own) and the credentials of the AWS SDK's default chain.
 */
export const variables = {
  RUSHES_HOST: {
    schema: z.string().min(1, 'expected an address').default('127.0.0.1'),
    meaning:
      'Address that both listeners bind. Anything but a loopback address makes the service reachable from outside.',
    defaultText: '127.0.0.1',
  },
  RUSHES_HTTP_PORT: {
    schema: port.default(7070),
    meaning: 'Port of API, meeting page, SDK and WebSockets.',
    defaultText: '7070',
  },
  RUSHES_VIEWER_PORT: {
    schema: port.default(7071),
    meaning: 'Port of the viewer, an origin of its own, because it shows pages that somebody else wrote.',
    defaultText: '7071',
  },
  RUSHES_PUBLIC_URL: {
    schema: httpUrl.optional(),
    meaning: 'Where browsers reach the main port, when that is not host and port (a proxy with TLS).',
    defaultText: 'from host and port',
  },
  RUSHES_VIEWER_URL: {
    schema: httpUrl.optional(),
    meaning: 'Where browsers reach the viewer port. Must be another origin than the public URL.',
    defaultText: 'from host and port',
  },
  RUSHES_RECORDER_URL: {
    schema: httpUrl.optional(),
    meaning:
      'Of a recorder: where browsers reach this very process, past the balancer. A page that joins a room through another ' +
      'recorder is sent here.',
    defaultText: 'RUSHES_PUBLIC_URL',
  },
  RUSHES_RECORDER_ORIGINS: {
    schema: list.pipe(z.array(originPattern)).optional(),
    meaning:
      'Where the meeting page is served: origins of the recorders’ own URLs, separated by commas, that it may connect to ' +
      'besides its own. `*` stands for any first label or any port.',
    defaultText: 'none',
  },
  RUSHES_DATA_DIR: {
    schema: z.string().min(1, 'expected a folder').default('./data'),
    meaning: 'Folder of the embedded database, the filesystem object store and the spool.',
    defaultText: './data',
  },
  RUSHES_WEB_DIR: {
    schema: z.string().min(1, 'expected a folder').default('./dist/web'),
    meaning: 'Folder of the built web pages: meeting, viewer, sdk.',
    defaultText: './dist/web',
  },
  RUSHES_LOG_LEVEL: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    meaning: 'Least severe level that is logged: trace, debug, info, warn, error, fatal, silent.',
    defaultText: 'info',
  },
  RUSHES_LOG_FORMAT: {
    schema: z.enum(['json', 'text']).optional(),
    meaning: 'json: one object a line. text: for people.',
    defaultText: 'text on a terminal, else json',
  },
  RUSHES_API_KEY: {
    schema: z
      .string()
      .regex(/^[\w-]{32,200}$/, 'expected 32 to 200 letters, digits, "-" or "_"')
      .optional(),
    meaning:
      'An API key to accept, for automation; kept in memory only. Without it one is made at the first start and shown once.',
    defaultText: 'made at the first start',
  },
  RUSHES_METRICS_TOKEN: {
    schema: z.string().min(16, 'expected at least 16 characters').optional(),
    meaning: 'Bearer token with which /metrics may be read, and nothing else. The API key always may.',
    defaultText: 'none',
  },
  RUSHES_TOKEN_TTL_MEETING_SECONDS: {
    schema: seconds(7 * day).default(12 * 3600),
    meaning: 'Life of a meeting token.',
    defaultText: '43200',
  },
  RUSHES_TOKEN_TTL_CAPTURE_SECONDS: {
    schema: seconds(7 * day).default(12 * 3600),
    meaning: 'Life of a capture token; a page may deliver events it kept during an outage for as long as it is valid.',
    defaultText: '43200',
  },
  RUSHES_TOKEN_TTL_VIEWER_SECONDS: {
    schema: seconds(7 * day).default(3600),
    meaning: 'Life of a viewer token when the request names none.',
    defaultText: '3600',
  },
  RUSHES_DRAIN_SECONDS: {
    schema: z.coerce
      .number('expected a number of seconds')
      .int('expected whole seconds')
      .min(0, 'expected at least 0 seconds')
      .max(3600, 'expected at most 3600 seconds')
      .default(5),
    meaning:
      'How long a process that was asked to end (SIGTERM) lets requests and exports that run finish, before it cuts them off or ' +
      'hands them back. Allow 30 seconds more before killing it.',
    defaultText: '5',
  },
  RUSHES_RTC_HOST: {
    schema: z.string().min(1, 'expected an address').optional(),
    meaning: 'Address that media transports bind.',
    defaultText: 'RUSHES_HOST',
  },
  RUSHES_RTC_PORT_MIN: {
    schema: rtcPort.default(40_000),
    meaning: 'First port of media transports.',
    defaultText: '40000',
  },
  RUSHES_RTC_PORT_MAX: {
    schema: rtcPort.default(40_999),
    meaning: 'Last port of media transports.',
    defaultText: '40999',
  },
  RUSHES_RTC_ANNOUNCED_ADDRESS: {
    schema: z.string().min(1, 'expected an address').optional(),
    meaning: 'Address that browsers are told to send media to, behind NAT or in a container.',
    defaultText: 'the address bound',
  },
  RUSHES_EVENT_LOG: {
    schema: z.enum(['embedded', 'kafka']).default('embedded'),
    meaning: 'embedded: in the database. kafka: on RUSHES_KAFKA_BROKERS.',
    defaultText: 'embedded',
  },
  ...kafkaVariables,
  RUSHES_OBJECT_STORE: {
    schema: z.enum(['filesystem', 's3']).default('filesystem'),
    meaning: 'filesystem: in the data folder. s3: in RUSHES_S3_BUCKET; credentials by the AWS SDK’s default chain.',
    defaultText: 'filesystem',
  },
  RUSHES_S3_BUCKET: {
    schema: z.string().min(1, 'expected a bucket name').optional(),
    meaning: 'Bucket.',
    defaultText: 'none',
  },
  RUSHES_S3_REGION: {
    schema: z.string().min(1, 'expected a region').default('us-east-1'),
    meaning: 'Region.',
    defaultText: 'us-east-1',
  },
  RUSHES_S3_ENDPOINT: {
    schema: httpUrl.optional(),
    meaning: 'Endpoint of an S3 server that is not AWS.',
    defaultText: 'AWS',
  },
  RUSHES_S3_PATH_STYLE: {
    schema: switchValue.default(false),
    meaning: 'true: bucket in the path instead of the host name.',
    defaultText: 'false',
  },
  RUSHES_S3_KEY_PREFIX: {
    schema: z
      .string()
      .regex(
        /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\/?$/,
        'expected a folder: letters, digits, ".", "_", "-", "/"',
      )
      .max(100, 'expected at most 100 characters')
      .optional(),
    meaning: 'Folder of the bucket in which everything lies.',
    defaultText: 'none: the bucket’s root',
  },
  RUSHES_S3_ENCRYPTION: {
    schema: z.enum(['AES256', 'aws:kms'], 'expected AES256 or aws:kms').optional(),
    meaning: 'How the store is asked to encrypt what it is given: AES256 or aws:kms.',
    defaultText: 'as the bucket says',
  },
  RUSHES_S3_KMS_KEY_ID: {
    schema: z.string().min(1, 'expected a key id or ARN').optional(),
    meaning: 'Key for aws:kms.',
    defaultText: 'the account’s own key for S3',
  },
  RUSHES_S3_PUBLIC_ENDPOINT: {
    schema: httpUrl.optional(),
    meaning: 'Where browsers reach the S3 server, for RUSHES_DOWNLOAD_REDIRECT.',
    defaultText: 'RUSHES_S3_ENDPOINT',
  },
  RUSHES_DOWNLOAD_REDIRECT: {
    schema: switchValue.default(false),
    meaning:
      'true: exports and track files are downloaded from the S3 server itself, by URLs that are signed for minutes; the bucket must allow the viewer’s origin by CORS.',
    defaultText: 'false',
  },
  RUSHES_SPOOL_LIMIT_BYTES: {
    schema: bytes.default(10_000_000_000),
    meaning:
      'Most that a recorder keeps on local disk while the object store takes nothing. Beyond it packets are dropped, with a gap.',
    defaultText: '10000000000',
  },
  RUSHES_IMPORT_LIMIT_BYTES: {
    schema: bytes.default(50_000_000_000),
    meaning:
      'Most that one upload to /v1/imports may hold; it lies in the folder for temporary files while it is imported.',
    defaultText: '50000000000',
  },
  RUSHES_RECORDER_GRACE_SECONDS: {
    schema: seconds(30 * day).default(600),
    meaning:
      'How long a recorder that is gone may take to come back with its spool; then its tracks are made of what is stored.',
    defaultText: '600',
  },
  RUSHES_RAW_PACKETS: {
    schema: rawPackets.default({ policy: 'keep' }),
    meaning:
      'How long raw packets stay, of which media files can be made anew: `keep`, for ever; `90d`, that many days after the ' +
      'recording’s end; `drop-after-verification`, until files are there. They go only when the file was made once more, is the same, and ' +
      'decodes; a participant’s all at once, and not while a track of theirs has failed or has no file.',
    defaultText: 'keep',
  },
  RUSHES_DATABASE_URL: {
    schema: postgresUrl.optional(),
    meaning: 'PostgreSQL server. Without it the database is embedded, in the data folder.',
    defaultText: 'embedded',
  },
  RUSHES_DATABASE_POOL_SIZE: {
    schema: z.coerce
      .number('expected a number of connections')
      .int('expected a whole number')
      .min(2, 'expected at least 2 connections')
      .max(500, 'expected at most 500 connections')
      .default(10),
    meaning: 'Connections of one process to the PostgreSQL server; its job queue has up to 4 more.',
    defaultText: '10',
  },
} as const satisfies Record<string, Variable>;

/** Paths of outside programs: found by set-up, read where the program is started. Not part of the configuration, not misspelt either. */
export const programVariables: readonly string[] = [
  'RUSHES_FFMPEG',
  'RUSHES_FFPROBE',
  'RUSHES_CHROMIUM',
  'RUSHES_HEADLESS_SHELL',
];

export type VariableName = keyof typeof variables;
export type VariableValues = { [N in VariableName]: z.output<(typeof variables)[N]['schema']> };
