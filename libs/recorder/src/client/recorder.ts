import { newId } from '@rushes/platform/ids';
import type { RecordingId, RoomId } from '@rushes/timeline';
import type { types as mediasoup } from 'mediasoup';
import type { FeedPresence } from '../feed/feed-protocol.ts';
import { recordProducer } from '../record-producer.ts';
import { callApi } from './call-api.ts';
import { pauseReasonOf } from './pause-reason.ts';
import { Presences } from './presences.ts';
import { ProducerRecording } from './producer-recording.ts';
import { checkRecordedProducer } from './recorded-producer-options.ts';
import type { RecordedProducerOptions } from './recorded-producer-options.ts';
import type { RemoteClock } from './remote-clock.ts';
import { TrackFeed } from './track-feed.ts';

export type RecorderOptions = {
  /** Where the API of the installation is: `http://127.0.0.1:7070`. */
  apiUrl: string;
  apiKey: string;
  /** Most of one track that waits in memory while no recorder takes it, bytes. Default 32 MB: four minutes at 1 Mbit/s. */
  limitBytes?: number;
  /** Told of what goes wrong: what is tried again, and what is lost when nobody else is told. Default: a process warning. */
  onProblem?: (error: Error) => void;
};

const defaultLimitBytes = 32_000_000;

/** The recorders of a Rushes installation, as a mediasoup server sees them. Make it with `createRecorder`. */
export class Recorder {
  private readonly presences = new Presences();
  private readonly open = new Set<ProducerRecording>();

  constructor(
    private readonly options: RecorderOptions,
    private readonly clock: RemoteClock,
  ) {}

  /**
   * Begins a recording; it ends with {@link stopRecording}, or when nothing has come for five minutes.
   * @throws RecorderError `already-recording` while the room has a running one, `input-invalid`
   */
  async startRecording(options: { roomId: RoomId; title?: string }): Promise<RecordingId> {
    const { recordingId } = await callApi<{ recordingId: RecordingId }>(this.options, 'POST', '/v1/recordings', {
      ...options,
      external: true,
    });
    return recordingId;
  }

  /** Ends a recording with its tracks; files are made of them then. @throws RecorderError `recording-not-found` */
  async stopRecording(recordingId: RecordingId): Promise<void> {
    const ours = [...this.open].filter((recording) => recording.recordingId === recordingId);
    await Promise.all(ours.map((recording) => recording.close()));
    await callApi(this.options, 'POST', `/v1/recordings/${encodeURIComponent(recordingId)}/stop`);
  }

  /**
   * Records a producer from now on: its packets as they come, its sender's own RTCP reports, its pauses. Ends with the producer, with
   * `close()`, or with the recording. Sets the producer's trace events to `sr` alone, which is how mediasoup sets them.
   *
   * The producer, router and worker stay the caller's.
   * @throws RecorderError `input-invalid`, `recording-not-found`, `recording-over`, `track-exists`; mediasoup's errors
   */
  async recordProducer(
    router: mediasoup.Router,
    producer: mediasoup.Producer,
    options: RecordedProducerOptions,
  ): Promise<ProducerRecording> {
    checkRecordedProducer(options, producer.kind);
    const { recordingId, participantId, participantName, role = 'guest', source, highestLayer, onEnded } = options;
    const { presences, clock } = this;
    const trackId = options.trackId ?? newId();
    const about = { recordingId, participantId };
    const isAnnounced = options.announcesPresence ?? true;
    const presence = isAnnounced ? presences.enter(about, { name: participantName ?? participantId, role }) : null;
    let isPresent = isAnnounced;
    const leavePresence = (): FeedPresence | undefined => {
      if (!isPresent) return undefined;
      isPresent = false;
      return presences.leave(about);
    };
    const onProblem = this.options.onProblem ?? defaultOnProblem;
    let recording: ProducerRecording | undefined;
    const feed = await TrackFeed.open({
      ...this.options,
      ...{ clock, recordingId, trackId, presence },
      limitBytes: this.options.limitBytes ?? defaultLimitBytes,
      renewPresence: (lost) => presences.renew(about, lost),
      leavePresence,
      onRenewed: () => recording?.requestKeyFrame(),
      onOver: (error) => {
        void recording?.close();
        if (onEnded) onEnded(error);
        else if (error) onProblem(error);
      },
      onProblem,
    }).catch((error: unknown) => {
      leavePresence();
      throw error;
    });
    try {
      const tap = await recordProducer(router, producer, {
        ...{
          spool: feed,
          recordingId,
          recordedAt: feed.recordedAt,
          clock: clock.nowMs,
          participantId,
          trackId,
          source,
        },
        ...(highestLayer === undefined ? {} : { highestLayer }),
        paused: producer.paused ? pauseReasonOf(producer) : null,
      });
      const opened = new ProducerRecording(producer, tap, feed);
      recording = opened;
      this.open.add(opened);
      void opened.whenSettled().then(() => this.open.delete(opened));
      // The recorder may have refused it meanwhile.
      if (feed.isOver) void opened.close();
      return opened;
    } catch (error) {
      feed.abandon();
      leavePresence();
      throw error;
    }
  }

  /**
   * Ends all tracks; recordings go on. Resolves when recorders have everything, or after `withinMs`.
   * @returns whether they have
   */
  async close(withinMs = 10_000): Promise<boolean> {
    const closing = Promise.all([...this.open].map((recording) => recording.close(withinMs)));
    return (await closing).every(Boolean);
  }
}

function defaultOnProblem(error: Error): void {
  process.emitWarning(error);
}
