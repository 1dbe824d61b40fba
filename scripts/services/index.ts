export { findAbsent, toolPaths, type Absences, type ToolName } from './find-absent.ts';
export type { KafkaCluster } from './kafka/kafka-cluster.ts';
export type { KafkaNode } from './kafka/kafka-node.ts';
export type { PostgresServer } from './postgres/postgres-server.ts';
export { RunningServices, type RunningServicesOptions } from './running-services.ts';
export type { S3Server } from './s3/s3-server.ts';
export type { Service } from './service.ts';
export {
  serviceNames,
  type KafkaState,
  type PostgresState,
  type S3State,
  type ServiceName,
  type ServicesState,
} from './services-state.ts';
export { startServices, type StartServicesOptions } from './start-services.ts';
export { readStateFile, stateFile } from './state-file.ts';
