import { rm } from 'node:fs/promises';
import { KafkaCluster } from './kafka/kafka-cluster.ts';
import { PostgresServer } from './postgres/postgres-server.ts';
import { s3proxy, versitygw } from './s3/s3-make.ts';
import { S3Server } from './s3/s3-server.ts';
import type { Service } from './service.ts';
import { settleAll } from './settle-all.ts';
import { serviceNames, type ServiceName, type ServicesState } from './services-state.ts';

export type RunningServicesOptions = {
  /** true: the kernel ends the services when this process ends, however that happens. */
  endsWithParent: boolean;
  /** Is called with the state whenever a process has started or ended. */
  onChange?: (state: ServicesState) => void;
};

/** A set of real services on 127.0.0.1. Each can be stopped, killed and started again on the same data and port. */
export class RunningServices {
  readonly state: Readonly<ServicesState>;
  readonly kafka?: KafkaCluster;
  readonly s3?: S3Server;
  /** A second, stricter S3 server, where it can be had. */
  readonly s3Strict?: S3Server;
  readonly postgres?: PostgresServer;

  private constructor(state: ServicesState, parts: Partial<Pick<RunningServices, ServiceName>>) {
    this.state = state;
    Object.assign(this, parts);
  }

  /** The services that this state describes, running or not. */
  static async open(state: ServicesState, options: RunningServicesOptions): Promise<RunningServices> {
    const { folder, kafka, s3, s3Strict, postgres } = state;
    const context = {
      folder,
      endsWithParent: options.endsWithParent,
      onChange: () => options.onChange?.(state),
    };
    return new RunningServices(state, {
      ...(kafka && { kafka: new KafkaCluster(kafka, context) }),
      ...(s3 && { s3: new S3Server(s3proxy, s3, context) }),
      ...(s3Strict && { s3Strict: new S3Server(versitygw, s3Strict, context) }),
      ...(postgres && { postgres: await PostgresServer.create(postgres, context) }),
    });
  }

  /** The services of this set, by name. */
  get all(): ReadonlyMap<ServiceName, Service> {
    return new Map(serviceNames.flatMap((name) => (this[name] ? [[name, this[name]]] : [])));
  }

  /** Starts those that do not run, and resolves when all answer. */
  async start(): Promise<void> {
    await settleAll([...this.all.values()].map((service) => service.start()));
  }

  /** Ends all of them and removes their data. */
  async stop(): Promise<void> {
    await settleAll([...this.all.values()].map((service) => service.stop()));
    await rm(this.state.folder, { recursive: true, force: true });
  }

  /** The variables with which our own processes use these services. */
  env(): Record<string, string> {
    const { kafka, s3, postgres } = this.state;
    return {
      ...(kafka && { RUSHES_EVENT_LOG: 'kafka', RUSHES_KAFKA_BROKERS: kafka.brokers.join(',') }),
      ...(s3 && {
        RUSHES_OBJECT_STORE: 's3',
        RUSHES_S3_ENDPOINT: s3.endpoint,
        RUSHES_S3_REGION: s3.region,
        RUSHES_S3_BUCKET: s3.bucket,
        RUSHES_S3_PATH_STYLE: 'true',
        AWS_ACCESS_KEY_ID: s3.accessKeyId,
        AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
      }),
      ...(postgres && { RUSHES_DATABASE_URL: postgres.url }),
    };
  }
}
