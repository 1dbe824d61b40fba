import type { ProcessIdentity } from './process-table.ts';

/** The services that can be had. `s3Strict` is a second, stricter S3 server, where the machine has the Go to build it. */
export const serviceNames = ['kafka', 's3', 's3Strict', 'postgres'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Everything that is known of a set of services; what the state file holds. `pid` is missing until the first start. */
export type ServicesState = {
  /** Their data and logs; goes when they are stopped. */
  folder: string;
  kafka?: KafkaState;
  s3?: S3State;
  s3Strict?: S3State;
  postgres?: PostgresState;
};

export type KafkaState = { clusterId: string; brokers: string[]; nodes: KafkaNodeState[]; secured?: SecuredKafka };
/** A second listener, of the first node: TLS, and who wants in logs on (SASL, every mechanism that Rushes knows). */
export type SecuredKafka = {
  broker: string;
  username: string;
  password: string;
  /** Of the authority that signed the broker's certificate: itself. PEM. */
  certificateFile: string;
};
export type KafkaNodeState = Partial<ProcessIdentity> & { nodeId: number; port: number; controllerPort: number };
export type S3State = Partial<ProcessIdentity> & {
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Made at the first start. */
  bucket: string;
};
/** `url` leads to a database `rushes`, made at the first start; its user may make others. */
export type PostgresState = Partial<ProcessIdentity> & { url: string };
