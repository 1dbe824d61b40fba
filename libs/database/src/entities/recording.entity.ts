import type { EndReason, Manifest, RecordingId, RoomId } from '@rushes/timeline';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('recordings')
export class RecordingEntity {
  @PrimaryColumn({ type: 'text' })
  recordingId!: RecordingId;

  @Column({ type: 'text' })
  roomId!: RoomId;

  @Column({ type: 'text', nullable: true })
  title!: string | null;

  @Column({ type: 'text' })
  status!: Manifest['status'];

  /** Epoch milliseconds of the recording clock's zero. */
  @Column({ type: 'bigint' })
  recordedAt!: number;

  /** On the recording clock; null while it runs. */
  @Column({ type: 'integer', nullable: true })
  endedAtMs!: number | null;

  @Column({ type: 'text', nullable: true })
  endReason!: EndReason | null;

  /** The process in which the meeting runs. */
  @Column({ type: 'text', nullable: true })
  holderId!: string | null;

  /** Until when the holder counts as alive, epoch milliseconds; null once the end has been published. */
  @Column({ type: 'bigint', nullable: true })
  heldUntil!: number | null;

  /** The recording of the same meeting that a process's end cut short, and that this one goes on after. */
  @Column({ type: 'text', nullable: true })
  continuesRecordingId!: RecordingId | null;

  /** How many times its timeline was opened for writing: only who opened it last may write. */
  @Column({ type: 'integer', default: 0 })
  timelineEpoch!: number;

  /** Highest spatial layer of simulcast and SVC senders to record, counted from 0; null: the highest there is. */
  @Column({ type: 'integer', nullable: true })
  highestLayer!: number | null;
}
