import type { RecordingId, SeqRangesBySource } from '@rushes/timeline';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Index row of a stored piece of the timeline. */
@Entity('chunks')
export class ChunkEntity {
  @PrimaryColumn({ type: 'text' })
  recordingId!: RecordingId;

  /** Relative to the recording's folder. */
  @PrimaryColumn({ type: 'text' })
  key!: string;

  @Column({ type: 'text' })
  stream!: 'events' | 'dom';

  /** The surface of a `dom` chunk; empty for `events`. */
  @Column({ type: 'text', default: '' })
  surface!: string;

  @Column({ type: 'integer' })
  startMs!: number;

  @Column({ type: 'integer' })
  endMs!: number;

  @Column({ type: 'bigint' })
  sizeBytes!: number;

  @Column({ type: 'integer' })
  eventCount!: number;

  /** Which events it holds, `seq` ranges by `source`: what a writer that starts again has already stored. */
  @Column({ type: 'jsonb', default: {} })
  seqRanges!: SeqRangesBySource;
}
