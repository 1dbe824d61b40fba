import { ApiKeyEntity } from './api-key.entity.ts';
import { CheckpointEntity } from './checkpoint.entity.ts';
import { ChunkEntity } from './chunk.entity.ts';
import { EventLogHeadEntity } from './event-log-head.entity.ts';
import { EventLogRecordEntity } from './event-log-record.entity.ts';
import { ExportEntity } from './export.entity.ts';
import { PacketObjectEntity } from './packet-object.entity.ts';
import { RecordingEntity } from './recording.entity.ts';
import { SettingEntity } from './setting.entity.ts';
import { TrackEntity } from './track.entity.ts';

export const entities = [
  ApiKeyEntity,
  CheckpointEntity,
  ChunkEntity,
  EventLogHeadEntity,
  EventLogRecordEntity,
  ExportEntity,
  PacketObjectEntity,
  RecordingEntity,
  SettingEntity,
  TrackEntity,
];

export * from './api-key.entity.ts';
export * from './checkpoint.entity.ts';
export * from './chunk.entity.ts';
export * from './event-log-head.entity.ts';
export * from './event-log-record.entity.ts';
export * from './export.entity.ts';
export * from './packet-object.entity.ts';
export * from './recording.entity.ts';
export * from './setting.entity.ts';
export * from './track.entity.ts';
