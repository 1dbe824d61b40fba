import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { EventLog, topics, type LogRecord, type Subscription } from '@rushes/event-log';
import {
  CONFIG,
  EventPublishers,
  keepTrying,
  LOGGER,
  monotonicEpochMs,
  ProblemError,
  RecordingLifecycle,
  RoomDirectory,
  TokenService,
  type Config,
  type EventPublisher,
  type HostedRoom,
  type Logger,
  type RecordingRow,
} from '@rushes/platform';
import type { EndReason, EventCatalogue, ParticipantId, RecordingId, RoomId } from '@rushes/timeline';
import type { CaptureGrant } from '../protocol/answers.ts';
import { RoomEvents } from '../room-events.ts';
import { SignallingError } from '../signalling/signalling-error.ts';
import { takeOverFolder } from './former-holder.ts';
import { RoomRecording } from './room-recording.ts';
import { RoomRegistry } from './room-registry.ts';
import type { Room } from './room.ts';

const captureEndpoint = '/v1/capture';
/** A recording that goes on is begun within this time of the room, or later beside it; and how often it is tried. */
const goOnWithinMs = 3_000;
const goOnRetryMs = 2_000;
/** How long an ending process waits for the room's last events to be durable. Milliseconds. */
const lastEventsMs = 5_000;
type Started = EventCatalogue['rushes.recording.started.v1'];

/**
 * Joins rooms and recordings. Whoever starts or stops a recording (a host here, the API, the reaper), it is the event
 * log that says so, and the room follows.
 */
@Injectable()
export class RoomRecordings implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #publisher: EventPublisher;
  /** Who pressed the button, until the recording has begun. */
  readonly #starters = new Map<RoomId, ParticipantId | null>();
  /** Recordings that were attached, also those over: the log may say that one began after it has ended here. */
  readonly #known = new Set<RecordingId>();
  readonly #hosted = new WeakMap<Room, HostedRoom>();
  readonly #ending = new AbortController();
  #subscription: Subscription | undefined;

  constructor(
    @Inject(RoomRegistry) private readonly registry: RoomRegistry,
    @Inject(RoomEvents) private readonly roomEvents: RoomEvents,
    @Inject(RoomDirectory) private readonly directory: RoomDirectory,
    @Inject(RecordingLifecycle) private readonly lifecycle: RecordingLifecycle,
    @Inject(EventLog) private readonly eventLog: EventLog,
    @Inject(TokenService) private readonly tokens: TokenService,
    @Inject(EventPublishers) publishers: EventPublishers,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#publisher = publishers.create('rooms');
    roomEvents.on('media-lost', (data) => {
      const hosts = registry.rooms().flatMap((room) => (room.recording ? room.members : []));
      for (const { role, isListening, link } of hosts) {
        if (role === 'host' && isListening) link.notify({ event: 'recording-media-lost', data });
      }
    });
    registry.observe({
      onOpened: async (room, interrupted) => {
        const hosted: HostedRoom = {
          startRecording: (options) => this.start(room, { ...options, startedBy: null }),
          onLost: () => this.#inBackground(room, () => registry.lose(room)),
        };
        this.#hosted.set(room, hosted);
        directory.host(room.roomId, hosted);
        if (interrupted !== null) await this.#goOn(room, interrupted);
      },
      onEnded: async (room, reason) => {
        const release = this.#untilDone(() => directory.release(room.roomId, this.#hosted.get(room)!));
        await Promise.all([this.#endWith(room, reason), release]);
      },
      onGone: async (room) => {
        const recording = room.detach();
        if (!recording) return;
        await Promise.race([recording.whenPublished(), pause(lastEventsMs, undefined, { ref: false })]);
        await this.lifecycle.end(recording.recordingId, 'room-ended');
      },
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    const { dataDir } = this.config;
    const former = await takeOverFolder(dataDir, this.lifecycle.holderId);
    if (former !== undefined) {
      await this.directory.handBack(former);
      this.lifecycle
        .interruptAllOf(former)
        .catch((err: unknown) => this.logger.error({ err }, 'recordings of the former process are left to the reaper'));
    }
    this.#subscription = await this.eventLog.subscribe({
      // Every process has to hear of every recording: any of them may host the room.
      group: `rooms-${this.lifecycle.holderId}`,
      topics: [topics.events],
      from: 'end',
      onRecords: async (records) => {
        for (const record of records) await this.#follow(record);
      },
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#ending.abort();
    await this.#subscription?.close();
  }

  /**
   * Begins to record a room, with the state it is in.
   * @param options.startedBy null when it is not somebody in the room
   * @throws ProblemError 409 `already-recording`
   */
  async start(
    room: Room,
    options: {
      title?: string | undefined;
      /** Highest spatial layer to record, counted from 0. Default: the highest there is. */
      highestLayer?: number | undefined;
      startedBy: ParticipantId | null;
      continuesRecordingId?: RecordingId | undefined;
    },
  ): Promise<RecordingRow> {
    const { roomId } = room;
    if (room.recording || this.#starters.has(roomId)) {
      throw new ProblemError(409, 'already-recording', 'This meeting is being recorded already.');
    }
    this.#starters.set(roomId, options.startedBy);
    try {
      const row = await this.lifecycle.start({
        roomId,
        holderId: this.lifecycle.holderId,
        initialState: room.snapshotForRecording(),
        title: options.title,
        highestLayer: options.highestLayer,
        continuesRecordingId: options.continuesRecordingId,
      });
      await this.#attach(row.recordingId, startedOf(row));
      // The room ended while the log was waited for.
      if (room.isEnded || this.registry.find(roomId) !== room) await this.#endRow(row.recordingId, 'room-ended');
      return row;
    } finally {
      this.#starters.delete(roomId);
    }
  }

  /** @throws SignallingError `not-recording` */
  async stop(room: Room): Promise<void> {
    const { recording } = room;
    if (!recording) throw new SignallingError('not-recording', 'This meeting is not being recorded');
    await this.#endWith(room, 'stopped');
  }

  /** What a participant's page needs to capture into the running recording; null when none runs. */
  async grant(room: Room, participantId: ParticipantId): Promise<CaptureGrant | null> {
    const { recording } = room;
    if (!recording) return null;
    const { recordingId, title, continuesRecordingId } = recording;
    const captureToken = await this.tokens.issue(
      { scope: 'capture', recordingId, participantId },
      this.config.tokenTtlSeconds.capture,
    );
    return { recordingId, captureToken, endpoint: captureEndpoint, title, continuesRecordingId };
  }

  async #follow({ event }: LogRecord): Promise<void> {
    const recordingId = event.recordingid;
    if (event.type === 'rushes.recording.started.v1') await this.#attachFromLog(recordingId, event.data as Started);
    if (event.type === 'rushes.recording.ended.v1') {
      this.#detach(recordingId, (event.data as EventCatalogue['rushes.recording.ended.v1']).reason);
    }
  }

  /** A start that was given up, because the log was away for too long, may still arrive: then there is no row. */
  async #attachFromLog(recordingId: RecordingId, started: Started): Promise<void> {
    const isOurs = this.registry.find(started.roomId) !== undefined && !this.#known.has(recordingId);
    if (isOurs && (await this.lifecycle.isRunning(recordingId))) await this.#attach(recordingId, started);
  }

  /** Comes from the start itself and from the log; the first one counts. */
  async #attach(recordingId: RecordingId, started: Omit<Started, 'initialState'>): Promise<void> {
    const room = this.registry.find(started.roomId);
    if (!room || room.isEnded || this.#known.has(recordingId)) return;
    this.#known.add(recordingId);
    if (room.recording) {
      this.logger.warn({ recordingId, roomId: room.roomId }, 'the room is being recorded already: ended the newer one');
      await this.lifecycle.end(recordingId, 'stopped');
      return;
    }
    this.lifecycle.hold(recordingId);
    const { roomId, recordedAt, title = null, continuesRecordingId = null, highestLayer = null } = started;
    const { roomEvents, logger } = this;
    const about = { recordingId, roomId, recordedAt, title, continuesRecordingId, highestLayer };
    room.attach(new RoomRecording({ ...about, publisher: this.#publisher, roomEvents, logger }));
    this.#inBackground(room, () => this.directory.keepRecording(roomId, recordingId));
    const startedBy = this.#starters.get(roomId) ?? null;
    for (const member of room.members) {
      const grant = await this.grant(room, member.participantId);
      if (grant && member.isListening) {
        member.link.notify({ event: 'recording-started', data: { ...grant, startedBy } });
      }
    }
  }

  #detach(recordingId: RecordingId, reason: EndReason): void {
    const room = this.registry.rooms().find((other) => other.recording?.recordingId === recordingId);
    if (!room) return;
    room.detach();
    room.notifyAll({ event: 'recording-ended', data: { recordingId, reason } });
    this.#inBackground(room, () => this.directory.keepRecording(room.roomId, null));
    // This process was thought dead and is not: nobody else goes on with the room, unless it is lost, which is noticed soon.
    if (reason === 'process-died') void this.#goOnSoon(room, recordingId);
  }

  /** The room's last events are durable before the recording's end is; it ended when that was said, however long it takes. */
  async #endWith(room: Room, reason: EndReason): Promise<void> {
    const recording = room.detach();
    if (!recording) return;
    const { recordingId } = recording;
    const endedAt = monotonicEpochMs();
    room.notifyAll({ event: 'recording-ended', data: { recordingId, reason } });
    await recording.whenPublished();
    await this.#endRow(recordingId, reason, endedAt);
    if (!room.isEnded) await this.#untilDone(() => this.directory.keepRecording(room.roomId, null));
  }

  async #endRow(recordingId: RecordingId, reason: EndReason, endedAt?: number): Promise<void> {
    await this.#untilDone(() => this.lifecycle.end(recordingId, reason, endedAt));
  }

  /** Until the database is back, or the process ends. */
  #untilDone<T>(task: () => Promise<T>): Promise<T> {
    const onRetry = (err: unknown): void => this.logger.error({ err }, 'a room could not be noted, trying again');
    return keepTrying(task, { signal: this.#ending.signal, onRetry });
  }

  /** The meeting was being recorded when its former process ended: it is recorded again, without anybody's asking. */
  async #goOn(room: Room, interrupted: RecordingId): Promise<void> {
    const going = this.#goOnSoon(room, interrupted);
    await Promise.race([going, pause(goOnWithinMs, undefined, { ref: false })]);
  }

  /** Tries until it succeeds or there is nothing to go on with; never rejects. */
  async #goOnSoon(room: Room, interrupted: RecordingId): Promise<void> {
    while (!room.isEnded && !room.recording) {
      try {
        const former = await this.lifecycle.interrupt(interrupted);
        if (former?.endReason !== 'process-died' && former?.endReason !== 'room-ended') return;
        const title = former.title ?? undefined;
        const highestLayer = former.highestLayer ?? undefined;
        await this.start(room, { title, highestLayer, startedBy: null, continuesRecordingId: interrupted });
        return;
      } catch (err) {
        this.logger.warn({ err, roomId: room.roomId }, 'the recording does not go on yet, trying again');
        await pause(goOnRetryMs, undefined, { ref: false });
      }
    }
  }

  #inBackground(room: Room, work: () => Promise<void>): void {
    work().catch((err: unknown) => this.logger.error({ err, roomId: room.roomId }, 'the room is not as announced'));
  }
}

function startedOf(row: RecordingRow): Omit<Started, 'initialState'> {
  const { roomId, recordedAt, title, continuesRecordingId, highestLayer } = row;
  return {
    ...{ roomId, recordedAt, title: title ?? undefined },
    continuesRecordingId: continuesRecordingId ?? undefined,
    highestLayer: highestLayer ?? undefined,
  };
}
