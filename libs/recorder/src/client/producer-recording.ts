import type { RecordingId, TrackId } from '@rushes/timeline';
import type { types as mediasoup } from 'mediasoup';
import type { TrackRecording } from '../track/track-recording.ts';
import type { TrackFeed } from './track-feed.ts';
import { pauseReasonOf } from './pause-reason.ts';

/** A producer that is being recorded by a recorder elsewhere. Follows the producer's pauses, and ends with it. */
export class ProducerRecording {
  private readonly unfollow: () => void;
  private closing: Promise<boolean> | undefined;

  constructor(
    producer: mediasoup.Producer,
    private readonly tap: TrackRecording,
    private readonly feed: TrackFeed,
  ) {
    const onPause = (): void => tap.notePaused(pauseReasonOf(producer));
    const onResume = (): void => tap.noteResumed();
    producer.observer.on('pause', onPause);
    producer.observer.on('resume', onResume);
    this.unfollow = () => {
      producer.observer.off('pause', onPause);
      producer.observer.off('resume', onResume);
    };
    void this.whenClosed().then(() => this.close());
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

  /**
   * Ends the track. Resolves when a recorder has all of it on disk, or gives up after `withinMs`. Idempotent.
   * @returns whether one has
   */
  close(withinMs = 10_000): Promise<boolean> {
    this.closing ??= this.finish(withinMs);
    return this.closing;
  }

  requestKeyFrame(): void {
    this.tap.requestKeyFrame();
  }

  private async finish(withinMs: number): Promise<boolean> {
    this.unfollow();
    const { stored } = await this.tap.close();
    const timeout = setTimeout(() => this.feed.abandon(), withinMs);
    return stored.finally(() => clearTimeout(timeout));
  }
}
