import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far a topic has been written; outlives its records, so that offsets are never used twice. */
@Entity('event_log_heads')
export class EventLogHeadEntity {
  @PrimaryColumn({ type: 'text' })
  topic!: string;

  @Column({ type: 'bigint', default: 0 })
  nextOffset!: number;
}
