import { randomUUID } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import {
  describeWith,
  kafkaBrokers,
  postgresUrl,
  s3Settings,
  s3StrictSettings,
  type S3Settings,
} from '../fixtures/services.ts';

describeWith('kafka', 'The broker that tests get', () => {
  it('refuses a record for a topic that nobody made, and takes it once the topic is there', async () => {
    const kafka = new Kafka({ brokers: await kafkaBrokers(), logLevel: logLevel.NOTHING, retry: { retries: 1 } });
    const [admin, producer] = [kafka.admin(), kafka.producer({ idempotent: true })];
    await Promise.all([admin.connect(), producer.connect()]);
    const topic = `test-${randomUUID()}`;
    const send = () => producer.send({ topic, acks: -1, messages: [{ value: 'x' }] });
    await expect(send()).rejects.toThrow();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
    expect(await send()).toMatchObject([{ baseOffset: '0' }]);
    await admin.deleteTopics({ topics: [topic] });
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });
});

describeWith('s3', 'The S3 server that tests get', () => {
  it('gives back what was put, and nothing to who signs with another key', async () => putAndGet(await s3Settings()));
});

describeWith('s3Strict', 'The stricter S3 server that tests get', () => {
  it('gives back what was put, and nothing to who signs with another key', async () =>
    putAndGet(await s3StrictSettings()));
});

describeWith('postgres', 'The PostgreSQL server that tests get', () => {
  it('has an empty database for each that asks', async () => {
    const [one, two] = [await postgresUrl(), await postgresUrl()];
    expect(one).not.toBe(two);
    const client = new Client({ connectionString: one });
    await client.connect();
    const { rowCount } = await client.query(`select from information_schema.tables where table_schema = 'public'`);
    await client.end();
    expect(rowCount).toBe(0);
  });
});

async function putAndGet({ endpoint, region, bucket, accessKeyId, secretAccessKey }: S3Settings): Promise<void> {
  const connect = (secret: string) =>
    new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId, secretAccessKey: secret },
    });
  const object = { Bucket: bucket, Key: `test/${randomUUID()}` };
  const [known, stranger] = [connect(secretAccessKey), connect('guessed')];
  await known.send(new PutObjectCommand({ ...object, Body: 'bytes' }));
  const found = await known.send(new GetObjectCommand(object));
  expect(await found.Body?.transformToString()).toBe('bytes');
  await expect(stranger.send(new GetObjectCommand(object))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 403 },
  });
}
