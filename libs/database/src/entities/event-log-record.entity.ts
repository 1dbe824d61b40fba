import type { RecordingId } from '@rushes/timeline';
import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

@Entity('event_log')
export class EventLogRecordEntity {
  @PrimaryColumn({ type: 'text' })
  topic!: string;

  @PrimaryColumn({ type: 'bigint' })
  offset!: number;

  @Column({ type: 'text' })
  recordingId!: RecordingId;

  @CreateDateColumn({ type: 'timestamptz', precision: 3 })
  appendedAt!: Date;

  /** The envelope as JSON text: given back as it came. */
  @Column({ type: 'text' })
  event!: string;
}
