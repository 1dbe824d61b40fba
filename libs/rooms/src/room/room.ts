import type { ParticipantId, RoomId, RoomState, TimelineEvent, TrackId } from '@rushes/timeline';
import { newId, recordingNowMs } from '@rushes/platform';
import { RoomMedia } from '../media/room-media.ts';
import type { ClosingReason, NotificationFrame, RoomView } from '../protocol/answers.ts';
import { SignallingError } from '../signalling/signalling-error.ts';
import { MemberMedia } from './member-media.ts';
import type { Member } from './member.ts';
import { RecordingStart } from './recording-start.ts';
import type { Happening, JoinOptions, RoomOptions } from './room-options.ts';
import { trackFacts, type RoomRecording } from './room-recording.ts';
import { SpeechWatch } from './speech-watch.ts';
import type { PauseReason, Track } from './track.ts';

/**
 * One meeting: who is in it, what state it is in, and what becomes of it in the recording. Every change goes through
 * {@link happen} or {@link relay}, so that state, pages and log never differ. Closing the room closes its members and
 * its media.
 */
export class Room {
  readonly #members = new Map<ParticipantId, Member>();
  readonly #speech: SpeechWatch;
  #state: RoomState;
  #media: Promise<RoomMedia> | undefined;
  #recording: RoomRecording | undefined;
  #isEnded = false;
  /** Those for whom the media is being opened. */
  #arriving = 0;
  readonly #recordingStart = new RecordingStart();

  constructor(private readonly options: RoomOptions) {
    this.#state = options.state;
    this.#speech = new SpeechWatch((participantId, change) =>
      this.happen({ type: `rushes.speech.${change}.v1`, participantId, data: {} }),
    );
  }

  get roomId(): RoomId {
    return this.options.roomId;
  }

  /** Epoch milliseconds of the room clock's zero. */
  get openedAt(): number {
    return this.options.openedAt;
  }

  get recording(): RoomRecording | undefined {
    return this.#recording;
  }

  get state(): RoomState {
    return this.#state;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  /** Now on the room clock, milliseconds. */
  nowMs(): number {
    return recordingNowMs(this.openedAt);
  }

  /** The state as a page starts from it. */
  view(): RoomView {
    const nowMs = this.nowMs();
    return { state: this.options.reducer.settle(this.#state, nowMs), nowMs, openedAt: this.openedAt };
  }

  /**
   * Lets a participant in as a new presence; an older one of the same participant is put out.
   * @throws SignallingError `room-full`, `room-ended`; `unavailable` when there is no media worker
   */
  async join(options: JoinOptions): Promise<Member> {
    this.#arriving++;
    this.options.onOccupancyChanged(true);
    try {
      return this.#admit(options, await this.#openMedia());
    } finally {
      this.#arriving--;
      this.#noteIfEmpty();
    }
  }

  #admit(options: JoinOptions, media: RoomMedia): Member {
    if (this.#isEnded) throw new SignallingError('room-ended', 'The meeting has ended');
    const { participantId, name, role } = options;
    const former = this.#members.get(participantId);
    if (former) this.remove(former, 'replaced');
    if (this.#members.size >= this.options.maxMembers) {
      throw new SignallingError('room-full', `The room is full: it holds ${this.options.maxMembers} people`);
    }
    const member: Member = {
      ...options,
      presenceId: newId(),
      isListening: false,
      media: new MemberMedia(participantId, media, {
        onTrackLost: (track) => this.#trackEnded(track, 'connection-lost'),
        onConsumerClosed: (consumerId, trackId) =>
          options.link.notify({ event: 'consumer-closed', data: { consumerId, trackId } }),
      }),
    };
    this.#members.set(participantId, member);
    const { presenceId } = member;
    this.happen({ type: 'rushes.participant.joined.v1', participantId, data: { name, role, presenceId } });
    return member;
  }

  /** Takes a presence out: its tracks end, it leaves. One that is out already is left alone. */
  remove(member: Member, reason: ClosingReason | 'connection-lost'): void {
    const { participantId, presenceId } = member;
    if (this.#members.get(participantId) !== member) return;
    for (const track of [...member.media.tracks.values()]) this.closeTrack(member, track, reason);
    member.media.close();
    this.#members.delete(participantId);
    this.happen({ type: 'rushes.participant.left.v1', participantId, data: { presenceId, reason } });
    if (reason !== 'connection-lost') member.link.close(reason);
    this.#noteIfEmpty();
  }

  /** Announces a track that the member has begun to send. */
  openTrack(member: Member, track: Track): void {
    const { participantId } = member;
    for (const fact of trackFacts(track)) this.happen({ ...fact, participantId });
    if (track.source === 'microphone') {
      member.media.room.listenTo(track.producer).catch((err: unknown) => {
        this.options.logger.warn({ err, roomId: this.roomId }, 'loudness of a microphone is not watched');
      });
    }
    this.#recording?.offerTrack(member.media.room.router, track);
  }

  async pauseTrack(track: Track, reason: PauseReason): Promise<void> {
    await track.producer.pause();
    if (track.paused === reason || track.producer.closed) return;
    track.paused = reason;
    const { participantId, trackId } = track;
    if (track.source === 'microphone') this.#speech.silence(participantId);
    this.happen({ type: 'rushes.track.paused.v1', participantId, data: { trackId, reason } });
    this.#recording?.trackPaused(trackId, reason);
  }

  async resumeTrack(track: Track): Promise<void> {
    await track.producer.resume();
    if (track.paused === null || track.producer.closed) return;
    track.paused = null;
    const { participantId, trackId } = track;
    this.happen({ type: 'rushes.track.resumed.v1', participantId, data: { trackId } });
    this.#recording?.trackResumed(trackId);
  }

  closeTrack(member: Member, track: Track, reason: string): void {
    member.media.closeTrack(track);
    this.#trackEnded(track, reason);
  }

  /** @throws SignallingError `not-found` unless another member sends this track */
  findTrack(trackId: TrackId, asker: Member): Track {
    for (const member of this.#members.values()) {
      const track = member === asker ? undefined : member.media.tracks.get(trackId);
      if (track) return track;
    }
    throw new SignallingError('not-found', `data.trackId: nobody else sends a track "${trackId}"`);
  }

  /** A fact that the server states: applied, told to everybody, recorded. */
  happen(happening: Happening): void {
    this.#tell(this.#apply(happening));
    this.#recording?.publish(happening);
  }

  /**
   * A fact that a page states, already checked: applied, and told to everybody else. It is recorded from here only when
   * the page has not emitted it to the running recording itself. Returns its `atMs` on the room clock.
   */
  relay(happening: Happening, emittedTo: string | undefined): number {
    const event = this.#apply(happening);
    this.#tell(event, happening.participantId);
    if (this.#recording && this.#recording.recordingId !== emittedTo) this.#recording.publish(happening);
    else if (!this.#recording) this.#recordingStart.keep(happening, event.atMs);
    return event.atMs;
  }

  notifyAll(notification: NotificationFrame): void {
    for (const member of this.#members.values()) if (member.isListening) member.link.notify(notification);
  }

  /** The state with which a recording begins; what pages state from now on is kept for {@link attach}. */
  snapshotForRecording(): RoomState {
    this.#recordingStart.begin(this.nowMs());
    return this.view().state;
  }

  /** From now on the room is recorded; who and what is there already is announced. */
  attach(recording: RoomRecording): void {
    for (const member of this.#members.values()) recording.announceMember(member);
    for (const happening of this.#recordingStart.take(this.nowMs())) recording.publish(happening);
    for (const member of this.#members.values()) {
      for (const track of member.media.tracks.values()) recording.announceTrack(member.media.room.router, track);
    }
    for (const participantId of this.#speech.speakers()) {
      recording.publish({ type: 'rushes.speech.started.v1', participantId, data: {} });
    }
    this.#recording = recording;
  }

  /** Nothing more goes to the recording. Returns it, or undefined when there was none. */
  detach(): RoomRecording | undefined {
    const recording = this.#recording;
    this.#recording = undefined;
    for (const member of this.#members.values()) {
      for (const trackId of member.media.tracks.keys()) recording?.trackClosed(trackId);
    }
    return recording;
  }

  /** Everybody is put out and the media closed; nobody can join any more. Idempotent. */
  async close(reason: ClosingReason): Promise<void> {
    this.#isEnded = true;
    for (const member of this.members) this.remove(member, reason);
    this.#speech.close();
    const media = await this.#media?.catch(() => undefined);
    media?.close();
  }

  #noteIfEmpty(): void {
    if (this.#members.size === 0 && this.#arriving === 0) this.options.onOccupancyChanged(false);
  }

  async #openMedia(): Promise<RoomMedia> {
    const opening = (this.#media ??= RoomMedia.open(this.options.pool, {
      onLoudness: (trackIds) => this.#speech.heard(this.#sendersOf(trackIds)),
      onLost: () => {
        this.#media = undefined;
        for (const member of this.members) this.remove(member, 'media-lost');
      },
    }));
    try {
      return await opening;
    } catch (cause) {
      this.#media = undefined;
      this.options.logger.error({ err: cause, roomId: this.roomId }, 'no media for the room');
      throw new SignallingError('unavailable', 'The media server cannot be reached; try again', { cause });
    }
  }

  #sendersOf(trackIds: readonly TrackId[]): ParticipantId[] {
    return this.members
      .filter((member) => trackIds.some((trackId) => member.media.tracks.get(trackId)?.paused === null))
      .map((member) => member.participantId);
  }

  #apply({ type, participantId, data }: Happening): TimelineEvent {
    const event = { type, atMs: this.nowMs(), participantId, data } as TimelineEvent;
    const before = this.#state;
    this.#state = this.options.reducer.apply(before, event);
    this.options.onChanged(before);
    return event;
  }

  #tell(event: TimelineEvent, except?: ParticipantId): void {
    for (const member of this.#members.values()) {
      if (member.isListening && member.participantId !== except) member.link.notify({ event: 'timeline', data: event });
    }
  }

  #trackEnded(track: Track, reason: string): void {
    const { trackId, participantId } = track;
    if (track.source === 'microphone') this.#speech.silence(participantId);
    if (track.source === 'screen') {
      this.happen({ type: 'rushes.screen.share-stopped.v1', participantId, data: { trackId } });
    }
    this.happen({ type: 'rushes.track.ended.v1', participantId, data: { trackId, reason } });
    this.#recording?.trackClosed(trackId);
  }
}
