import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './config.ts';

function problemsOf(env: Record<string, string>): Record<string, string> {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return Object.fromEntries(error.problems.map((p) => [p.variable, p.expected]));
    throw error;
  }
  return {};
}

describe('loadConfig', () => {
  it('needs nothing: the defaults are one machine on the loopback address', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      httpPort: 7070,
      publicUrl: 'http://127.0.0.1:7070',
      viewerUrl: 'http://127.0.0.1:7071',
      eventLog: 'embedded',
      objectStore: 'filesystem',
      rtcHost: '127.0.0.1',
    });
    expect(config).not.toHaveProperty('databaseUrl');
  });

  it('reads how long raw packets stay', () => {
    expect(loadConfig({}).rawPackets).toEqual({ policy: 'keep' });
    expect(loadConfig({ RUSHES_RAW_PACKETS: '90d' }).rawPackets).toEqual({ policy: 'keep-days', days: 90 });
    const dropped = loadConfig({ RUSHES_RAW_PACKETS: 'drop-after-verification' });
    expect(dropped.rawPackets).toEqual({ policy: 'drop-after-verification' });
  });

  it('names every wrong variable at once and what was expected, without repeating the value', () => {
    const env = {
      RUSHES_HTTP_PORT: 'eighty',
      RUSHES_LOG_LEVEL: 'loud',
      RUSHES_API_KEY: 'hunter2',
      RUSHES_PUBLIC_URL: 'ftp://x',
    };
    expect(problemsOf(env)).toEqual({
      RUSHES_HTTP_PORT: 'expected a port number',
      RUSHES_LOG_LEVEL: expect.stringContaining('"info"') as string,
      RUSHES_API_KEY: 'expected 32 to 200 letters, digits, "-" or "_"',
      RUSHES_PUBLIC_URL: 'expected an http:// or https:// URL',
    });
    expect(() => loadConfig(env)).toThrow(/^(?!.*hunter2)/s);
  });

  it.each([
    [{ RUSHES_EVENT_LOG: 'kafka' }, 'RUSHES_KAFKA_BROKERS'],
    [{ RUSHES_KAFKA_SASL_MECHANISM: 'plain', RUSHES_KAFKA_SASL_USERNAME: 'ada' }, 'RUSHES_KAFKA_SASL_PASSWORD'],
    [{ RUSHES_KAFKA_TOPIC_PREFIX: 'a/b' }, 'RUSHES_KAFKA_TOPIC_PREFIX'],
    [{ RUSHES_KAFKA_PARTITIONS: '0' }, 'RUSHES_KAFKA_PARTITIONS'],
    [{ RUSHES_DOM_RETENTION_HOURS: 'week' }, 'RUSHES_DOM_RETENTION_HOURS'],
    [{ RUSHES_OBJECT_STORE: 's3' }, 'RUSHES_S3_BUCKET'],
    [{ RUSHES_S3_KMS_KEY_ID: 'alias/meetings' }, 'RUSHES_S3_ENCRYPTION'],
    [{ RUSHES_S3_KMS_KEY_ID: 'alias/meetings', RUSHES_S3_ENCRYPTION: 'AES256' }, 'RUSHES_S3_ENCRYPTION'],
    [{ RUSHES_DOWNLOAD_REDIRECT: 'true' }, 'RUSHES_DOWNLOAD_REDIRECT'],
    [{ RUSHES_S3_KEY_PREFIX: 'meetings/../other' }, 'RUSHES_S3_KEY_PREFIX'],
    [{ RUSHES_SPOOL_LIMIT_BYTES: '10 GB' }, 'RUSHES_SPOOL_LIMIT_BYTES'],
    [{ RUSHES_RAW_PACKETS: '0d' }, 'RUSHES_RAW_PACKETS'],
    [{ RUSHES_RAW_PACKETS: 'drop' }, 'RUSHES_RAW_PACKETS'],
    [{ RUSHES_DATABASE_POOL_SIZE: '1' }, 'RUSHES_DATABASE_POOL_SIZE'],
    [{ RUSHES_RTC_PORT_MIN: '5000', RUSHES_RTC_PORT_MAX: '4000' }, 'RUSHES_RTC_PORT_MAX'],
    [{ RUSHES_HTTP_PORT: '7071' }, 'RUSHES_VIEWER_PORT'],
    [{ RUSHES_PUBLIC_URL: 'https://a.example', RUSHES_VIEWER_URL: 'https://a.example/replay' }, 'RUSHES_VIEWER_URL'],
    [{ RUSHES_PUBLIC_URL: 'http://127.0.0.1:7171', RUSHES_VIEWER_PORT: '7171' }, 'RUSHES_PUBLIC_URL'],
    [{ RUSHES_VIEWER_URL: 'http://127.0.0.1:7070' }, 'RUSHES_VIEWER_URL'],
    [{ RUSHES_HTTP_PORT: '80', RUSHES_VIEWER_URL: 'http://127.0.0.1' }, 'RUSHES_VIEWER_URL'],
  ])('refuses what contradicts itself: %o', (env, variable) => {
    expect(Object.keys(problemsOf(env))).toEqual([variable]);
  });

  it('reads how to reach Kafka and how long the log keeps events', () => {
    expect(loadConfig({})).toMatchObject({
      kafka: { brokers: [], partitions: 12, ssl: false },
      retentionMs: { events: -1, dom: 7 * 86_400_000 },
    });
    const config = loadConfig({
      RUSHES_KAFKA_TOPIC_PREFIX: 'a.',
      RUSHES_KAFKA_PARTITIONS: '6',
      RUSHES_KAFKA_REPLICATION: '2',
      RUSHES_KAFKA_SSL: 'true',
      RUSHES_KAFKA_SASL_MECHANISM: 'scram-sha-512',
      RUSHES_KAFKA_SASL_USERNAME: 'ada',
      RUSHES_KAFKA_SASL_PASSWORD: 'secret',
      RUSHES_EVENTS_RETENTION_HOURS: '48',
      RUSHES_DOM_RETENTION_HOURS: '1.5',
    });
    expect(config.kafka).toEqual({
      brokers: [],
      topicPrefix: 'a.',
      partitions: 6,
      replication: 2,
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'ada', password: 'secret' },
    });
    expect(config.retentionMs).toEqual({ events: 48 * 3_600_000, dom: 1.5 * 3_600_000 });
  });

  it('treats an empty variable as not set', () => {
    expect(loadConfig({ RUSHES_HTTP_PORT: '', RUSHES_DATABASE_URL: '' }).httpPort).toBe(7070);
  });

  it('reads how objects are to be kept', () => {
    const place = { RUSHES_OBJECT_STORE: 's3', RUSHES_S3_BUCKET: 'b', RUSHES_S3_KEY_PREFIX: 'meetings/live' };
    const { s3, isDownloadRedirected } = loadConfig({
      ...place,
      RUSHES_S3_ENCRYPTION: 'aws:kms',
      RUSHES_S3_KMS_KEY_ID: 'alias/meetings',
      RUSHES_S3_PUBLIC_ENDPOINT: 'https://files.example/',
      RUSHES_DOWNLOAD_REDIRECT: 'true',
    });
    expect(s3).toEqual({
      bucket: 'b',
      region: 'us-east-1',
      pathStyle: false,
      keyPrefix: 'meetings/live',
      publicEndpoint: 'https://files.example',
      encryption: { algorithm: 'aws:kms', keyId: 'alias/meetings' },
    });
    expect(isDownloadRedirected).toBe(true);
    expect(loadConfig({ ...place, RUSHES_S3_ENCRYPTION: 'AES256' }).s3.encryption).toEqual({ algorithm: 'AES256' });
  });

  it('reads lists and switches', () => {
    const config = loadConfig({
      RUSHES_EVENT_LOG: 'kafka',
      RUSHES_KAFKA_BROKERS: 'a:9092, b:9092,',
      RUSHES_S3_PATH_STYLE: 'true',
    });
    expect(config.kafka.brokers).toEqual(['a:9092', 'b:9092']);
    expect(config.s3.pathStyle).toBe(true);
  });

  it('gives browsers an address they can open when all addresses are bound', () => {
    expect(loadConfig({ RUSHES_HOST: '0.0.0.0' }).publicUrl).toBe('http://127.0.0.1:7070');
    expect(loadConfig({ RUSHES_HOST: '::1' }).publicUrl).toBe('http://[::1]:7070');
  });

  it('tells of variables that mean nothing', () => {
    expect(
      loadConfig({ RUSHES_HTPP_PORT: '80', RUSHES_FFMPEG: '/usr/bin/ffmpeg', PATH: '/bin' }).unknownVariables,
    ).toEqual(['RUSHES_HTPP_PORT']);
  });
});
