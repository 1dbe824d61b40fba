import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from './free-ports.ts';
import type { KafkaState, S3State, SecuredKafka, ServiceName, ServicesState } from './services-state.ts';

/** Chooses folder, ports and names for these services; starts none of them. */
export async function planServices(
  names: readonly ServiceName[],
  { kafkaNodes, isKafkaSecured }: { kafkaNodes: 1 | 3; isKafkaSecured: boolean },
): Promise<ServicesState> {
  const [s3Port, s3StrictPort, postgresPort, securedPort, ...kafkaPorts] = await findFreePorts(4 + 2 * kafkaNodes);
  const folder = await mkdtemp(join(tmpdir(), 'rushes-services-'));
  // PostgreSQL runs as another user, and has to pass through.
  await chmod(folder, 0o711);
  const plans = {
    kafka: () => ({ ...planKafka(kafkaPorts), ...(isKafkaSecured && { secured: planSecured(folder, securedPort!) }) }),
    s3: () => planS3(s3Port!),
    s3Strict: () => planS3(s3StrictPort!),
    postgres: () => ({ url: `postgres://rushes@127.0.0.1:${postgresPort}/rushes` }),
  };
  return { folder, ...Object.fromEntries(names.map((name) => [name, plans[name]()])) };
}

function planKafka(ports: readonly number[]): KafkaState {
  const nodes = Array.from({ length: ports.length / 2 }, (_, index) => ({
    nodeId: index + 1,
    port: ports[2 * index]!,
    controllerPort: ports[2 * index + 1]!,
  }));
  return {
    // 16 bytes, as Kafka wants them.
    clusterId: randomBytes(16).toString('base64url'),
    brokers: nodes.map(({ port }) => `127.0.0.1:${port}`),
    nodes,
  };
}

function planSecured(folder: string, port: number): SecuredKafka {
  const password = randomBytes(20).toString('hex');
  return {
    broker: `127.0.0.1:${port}`,
    username: 'rushes',
    password,
    certificateFile: join(folder, 'kafka-certificate.pem'),
  };
}

function planS3(port: number): S3State {
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    accessKeyId: 'rushes',
    secretAccessKey: randomBytes(20).toString('hex'),
    bucket: 'rushes',
  };
}
