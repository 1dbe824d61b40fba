import type { RecordingId, TrackId } from '@rushes/timeline';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A stored stretch of one track's raw packets in one recording, at most 5 s long. */
@Entity('packet_objects')
export class PacketObjectEntity {
  @PrimaryColumn({ type: 'text' })
  recordingId!: RecordingId;

  @PrimaryColumn({ type: 'text' })
  trackId!: TrackId;

  /** Counts from 0 within the track and recording. */
  @PrimaryColumn({ type: 'integer' })
  n!: number;

  @Column({ type: 'text' })
  key!: string;

  @Column({ type: 'bigint' })
  sizeBytes!: number;

  @Column({ type: 'integer' })
  packetCount!: number;

  /** Arrival of the first and last packet, on the recording clock. */
  @Column({ type: 'double precision' })
  firstMs!: number;

  @Column({ type: 'double precision' })
  lastMs!: number;
}
