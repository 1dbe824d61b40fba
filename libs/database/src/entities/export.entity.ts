import type { ExportId, RecordingId } from '@rushes/timeline';
import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

export type ExportStatus = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

@Entity('exports')
export class ExportEntity {
  @PrimaryColumn({ type: 'text' })
  exportId!: ExportId;

  @Column({ type: 'text' })
  recordingId!: RecordingId;

  @Column({ type: 'text' })
  status!: ExportStatus;

  /** What was asked for, as the API took it. */
  @Column({ type: 'jsonb' })
  request!: Record<string, unknown>;

  /** 0 to 1. */
  @Column({ type: 'double precision', default: 0 })
  progress!: number;

  @Column({ type: 'jsonb', nullable: true })
  error!: Record<string, unknown> | null;

  @Column({ type: 'jsonb', nullable: true })
  result!: Record<string, unknown> | null;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3 })
  updatedAt!: Date;
}
