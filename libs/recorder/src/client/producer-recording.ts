import type { RecordingId, TrackId } from '@rushes/timeline';
import type { types as mediasoup } from 'mediasoup';
import type { TrackRecording } from '../track/track-recording.ts';
import type { TrackFeed } from './track-feed.ts';
import { RecorderError } from './recorder-error.ts';
import { pauseReasonOf } from './pause-reason.ts';

/** A recording that nothing comes of is ended after five minutes: what is delivered later nobody takes. Milliseconds. */
const defaultDeliveryMs = 5 * 60_000;

/** A producer that is being recorded by a recorder elsewhere. Follows the producer's pauses, and ends with it. */
export class ProducerRecording {
  private readonly unfollow: () => void;
  private closing: Promise<boolean> | undefined;
  private readonly settled = Promise.withResolvers<void>();

  /** @param deliveryMs how long what is left is tried to be delivered when it ends by itself */
  constructor(
    producer: mediasoup.Producer,
    private readonly tap: TrackRecording,
    private readonly feed: TrackFeed,
    private readonly deliveryMs = defaultDeliveryMs,
  ) {
    const onPause = (): void => tap.notePaused(pauseReasonOf(producer));
    const onResume = (): void => tap.noteResumed();
    producer.observer.on('pause', onPause);
    producer.observer.on('resume', onResume);
    this.unfollow = () => {
      producer.observer.off('pause', onPause);
      producer.observer.off('resume', onResume);
    };
    void this.whenClosed().then(() => this.deliver());
  }

  get recordingId(): RecordingId {
    return this.feed.recordedTrack.recordingId;
  }

  /** Changes when the recorder that had the track is gone: what follows is another track. */
  get trackId(): TrackId {
    return this.feed.recordedTrack.trackId;
  }

  /** Resolves when it has ended, by `close` or by itself. */
  whenClosed(): Promise<void> {
    return this.tap.whenClosed();
  }

  /** Resolves when it has ended and a recorder has all of it on disk, or nobody tries any more to bring it there. */
  whenSettled(): Promise<void> {
    return this.settled.promise;
  }

  /**
   * Ends the track, if it has not ended by itself. Resolves when a recorder has all of it on disk, or gives up after `withinMs`.
   * @returns whether one has
   */
  async close(withinMs = 10_000): Promise<boolean> {
    const timeout = setTimeout(() => this.feed.abandon(), withinMs);
    return this.finish().finally(() => clearTimeout(timeout));
  }

  requestKeyFrame(): void {
    this.tap.requestKeyFrame();
  }

  /** It has ended by itself: nobody waits for what is left, which goes when a recorder takes it. */
  private async deliver(): Promise<void> {
    const { trackId } = this;
    const timeout = setTimeout(() => {
      const what = `no recorder took the end of the track ${trackId} within ${this.deliveryMs / 1000} s`;
      this.feed.abandon(new RecorderError('recorder-unreachable', what, false));
    }, this.deliveryMs).unref();
    await this.finish().finally(() => clearTimeout(timeout));
  }

  private finish(): Promise<boolean> {
    this.closing ??= this.end().finally(() => this.settled.resolve());
    return this.closing;
  }

  private async end(): Promise<boolean> {
    this.unfollow();
    const { stored } = await this.tap.close();
    return stored;
  }
}
