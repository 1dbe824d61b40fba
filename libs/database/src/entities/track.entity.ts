import type {
  Gap,
  ParticipantId,
  RecordingId,
  TrackId,
  TrackKind,
  TrackMedia,
  TrackSource,
  TrackSync,
} from '@rushes/timeline';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** `recording`: packets come. `spooled`: ended, file not derived yet. `empty`: no packet ever came. */
export type TrackStatus = 'recording' | 'spooled' | 'derived' | 'empty' | 'failed';

/** Of a track's raw packets. `dropping`: they may be gone. */
export type PacketsStatus = 'kept' | 'dropping' | 'dropped';

/** A track in one recording: one that runs on is recorded again, with a row of its own, by the room's next recording. */
@Entity('tracks')
export class TrackEntity {
  @PrimaryColumn({ type: 'text' })
  recordingId!: RecordingId;

  @PrimaryColumn({ type: 'text' })
  trackId!: TrackId;

  @Column({ type: 'text' })
  participantId!: ParticipantId;

  @Column({ type: 'text' })
  kind!: TrackKind;

  @Column({ type: 'text' })
  source!: TrackSource;

  @Column({ type: 'text' })
  codec!: string;

  @Column({ type: 'double precision' })
  startMs!: number;

  @Column({ type: 'double precision', nullable: true })
  endMs!: number | null;

  @Column({ type: 'jsonb', nullable: true })
  media!: TrackMedia | null;

  @Column({ type: 'jsonb', default: [] })
  gaps!: Gap[];

  @Column({ type: 'jsonb', nullable: true })
  sync!: TrackSync | null;

  @Column({ type: 'text' })
  status!: TrackStatus;

  /** When its recorder last said that it has it, epoch milliseconds by the database's clock. */
  @Column({ type: 'bigint', nullable: true })
  heardAt!: number | null;

  @Column({ type: 'text', default: 'kept' })
  packets!: PacketsStatus;
}
