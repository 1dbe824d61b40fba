import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { projectFolder } from '../../setup/paths.mjs';
import { servicePaths } from '../../setup/service-programs.mjs';
import { ServerProcess } from '../server-process.ts';
import type { Service, ServiceContext } from '../service.ts';
import type { KafkaNodeState, KafkaState, SecuredKafka } from '../services-state.ts';
import { writeServerProperties } from './server-properties.ts';

const classPath = join(servicePaths.kafkaJars, '*');
const run = promisify(execFile);
const logging = `-Dlog4j2.configurationFile=${join(projectFolder, 'scripts/services/kafka/log4j2.properties')}`;

/** One broker, which is a controller too (KRaft). */
export class KafkaNode implements Service {
  readonly port: number;
  readonly nodeId: number;
  readonly #cluster: KafkaState;
  readonly #state: KafkaNodeState;
  readonly #folder: string;
  readonly #properties: string;
  readonly #process: ServerProcess;

  constructor(cluster: KafkaState, state: KafkaNodeState, context: ServiceContext) {
    this.port = state.port;
    this.nodeId = state.nodeId;
    this.#cluster = cluster;
    this.#state = state;
    this.#folder = join(context.folder, `kafka-${state.nodeId}`);
    this.#properties = join(this.#folder, 'server.properties');
    this.#process = new ServerProcess(
      {
        name: `Kafka node ${state.nodeId}`,
        command: 'java',
        args: ['-Xmx320m', '-XX:+UseSerialGC', logging, '-cp', classPath, 'kafka.Kafka', this.#properties],
        logFile: join(this.#folder, 'log.txt'),
        stopSignal: 'SIGTERM',
        ...context,
        folder: this.#folder,
      },
      state,
    );
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get isRunning(): boolean {
    return this.#process.isRunning;
  }

  /** Starts it without waiting; the first time it gets a folder of its own. */
  async launch(): Promise<void> {
    if (this.isRunning) return;
    const data = join(this.#folder, 'data');
    if (!(await exists(join(data, 'meta.properties')))) await this.#format(data);
    await this.#process.start();
  }

  /** Resolves when the other nodes and clients see this broker. */
  async whenJoined(): Promise<void> {
    await this.#process.whenReady(async () => {
      const brokers = [this.address];
      const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin();
      try {
        await admin.connect();
        const cluster = await admin.describeCluster();
        const isThere = cluster.controller !== null && cluster.brokers.some(({ nodeId }) => nodeId === this.nodeId);
        if (!isThere) throw new Error(`${this.#process.name} is not yet part of the cluster`);
      } finally {
        await admin.disconnect();
      }
    });
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    await this.launch();
    await this.whenJoined();
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  async #format(data: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const { clusterId, secured } = this.#cluster;
    const isSecured = secured !== undefined && this.nodeId === 1;
    const keyFile = isSecured ? join(this.#folder, 'key.pem') : undefined;
    if (keyFile !== undefined) await this.#makeKey(secured!, keyFile);
    await writeFile(this.#properties, writeServerProperties(this.#cluster, this.#state, { dataFolder: data, keyFile }));
    const args = ['format', `--cluster-id=${clusterId}`, '-c', this.#properties];
    for (const mechanism of isSecured ? ['SCRAM-SHA-256', 'SCRAM-SHA-512'] : []) {
      args.push('--add-scram', `${mechanism}=[name=${secured!.username},password=${secured!.password}]`);
    }
    await run('java', ['-XX:TieredStopAtLevel=1', '-cp', classPath, 'kafka.tools.StorageTool', ...args]);
  }

  /** Key and certificate in one file, as Kafka wants them; the certificate by itself for clients. */
  async #makeKey({ certificateFile }: SecuredKafka, keyFile: string): Promise<void> {
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'];
    const files = ['-keyout', keyFile, '-out', certificateFile];
    await run('openssl', [...request, '-addext', 'subjectAltName=IP:127.0.0.1', ...files]);
    await appendFile(keyFile, await readFile(certificateFile));
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
