import { Column, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** How far a group has come in one partition of a topic. */
@Entity('checkpoints')
export class CheckpointEntity {
  @PrimaryColumn({ type: 'text' })
  group!: string;

  @PrimaryColumn({ type: 'text' })
  topic!: string;

  @PrimaryColumn({ type: 'integer', default: 0 })
  partition!: number;

  /** The first offset that is not done. */
  @Column({ type: 'bigint' })
  nextOffset!: number;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3 })
  updatedAt!: Date;
}
