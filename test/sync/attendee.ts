import { newId } from '@rushes/platform';
import type { ParticipantId, TrackId, TrackKind } from '@rushes/timeline';
import type { types as mediasoup } from 'mediasoup';
import type { RoomRecording } from '../../libs/rooms/src/room/room-recording.ts';
import type { Track } from '../../libs/rooms/src/room/track.ts';
import type { Voice } from '../content/signal.ts';

/** A stretch in which a medium was sent and recorded, on the recording clock. */
export type OnAir = { fromMs: number; toMs: number };

const pauseReasons = { audio: 'muted', video: 'camera-off' } as const;
const sources = { audio: 'microphone', video: 'camera' } as const;

/** Somebody in the meeting, as the recording knows them; what a room does when its members come, send, pause and go. */
export class Attendee {
  readonly participantId: ParticipantId = newId();
  /** By kind, every track there was. */
  readonly trackIds: Record<TrackKind, TrackId[]> = { audio: [], video: [] };
  readonly onAir: Record<TrackKind, OnAir[]> = { audio: [], video: [] };
  private readonly tracks = new Map<TrackKind, Track>();
  private presenceId = newId();

  constructor(
    private readonly options: { recording: RoomRecording; router: mediasoup.Router; name: string },
    readonly voice: Voice,
  ) {}

  get name(): string {
    return this.options.name;
  }

  join(): void {
    this.presenceId = newId();
    const data = { name: this.name, role: 'guest', presenceId: this.presenceId } as const;
    this.publish('rushes.participant.joined.v1', data);
  }

  addProducer(producer: mediasoup.Producer): void {
    const { kind } = producer;
    const { participantId } = this;
    const track: Track = { trackId: newId(), participantId, kind, source: sources[kind], producer, paused: null };
    this.tracks.set(kind, track);
    this.trackIds[kind].push(track.trackId);
    this.options.recording.announceTrack(this.options.router, track);
    this.begin(kind);
  }

  async pause(kind: TrackKind): Promise<void> {
    const { producer, trackId } = this.tracks.get(kind)!;
    this.end(kind);
    await producer.pause();
    this.publish('rushes.track.paused.v1', { trackId, reason: pauseReasons[kind] });
    this.options.recording.trackPaused(trackId, pauseReasons[kind]);
  }

  async resume(kind: TrackKind): Promise<void> {
    const { producer, trackId } = this.tracks.get(kind)!;
    await producer.resume();
    this.publish('rushes.track.resumed.v1', { trackId });
    this.options.recording.trackResumed(trackId);
    this.begin(kind);
  }

  leave(): void {
    for (const [kind, { trackId, producer }] of this.tracks) {
      this.end(kind);
      producer.close();
      this.publish('rushes.track.ended.v1', { trackId });
      this.options.recording.trackClosed(trackId);
    }
    this.tracks.clear();
    this.publish('rushes.participant.left.v1', { presenceId: this.presenceId });
  }

  private publish(type: Parameters<RoomRecording['publish']>[0]['type'], data: unknown): void {
    this.options.recording.publish({ type, participantId: this.participantId, data });
  }

  private begin(kind: TrackKind): void {
    this.onAir[kind].push({ fromMs: this.options.recording.nowMs(), toMs: Infinity });
  }

  private end(kind: TrackKind): void {
    const last = this.onAir[kind].at(-1);
    if (last?.toMs === Infinity) last.toMs = this.options.recording.nowMs();
  }
}
