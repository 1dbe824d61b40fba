import type { types as mediasoup } from 'mediasoup';
import type { TrackId } from '@rushes/timeline';
import { mediaCodecs } from './media-codecs.ts';
import type { MediaWorker, WorkerPool } from './worker-pool.ts';

/** How often loudness is read, in milliseconds. */
const loudnessIntervalMs = 200;
/** Quieter than this (dBov, averaged over the interval) is not speech. */
const loudnessThresholdDbov = -60;
/** What one page may be sent at most at first, before its bandwidth is known; bits per second. */
const initialOutgoingBitrateBps = 1_500_000;

export type RoomMediaListeners = {
  /** Every {@link loudnessIntervalMs} while anybody is heard; once, empty, when nobody is any more. */
  onLoudness(trackIds: TrackId[]): void;
  /** The worker died; everything in it is gone. */
  onLost(): void;
};

/** A room's part of a media worker: its router, the transports on it, and who is heard. */
export class RoomMedia {
  private constructor(
    readonly router: mediasoup.Router,
    private readonly webRtcServer: mediasoup.WebRtcServer,
    private readonly loudness: mediasoup.AudioLevelObserver,
  ) {}

  static async open(pool: WorkerPool, listeners: RoomMediaListeners): Promise<RoomMedia> {
    const { worker, webRtcServer }: MediaWorker = await pool.takeWorker();
    const router = await worker.createRouter({ mediaCodecs });
    const loudness = await router.createAudioLevelObserver({
      maxEntries: 50,
      threshold: loudnessThresholdDbov,
      interval: loudnessIntervalMs,
    });
    loudness.on('volumes', (volumes) =>
      listeners.onLoudness(volumes.map(({ producer }) => (producer.appData as { trackId: TrackId }).trackId)),
    );
    loudness.on('silence', () => listeners.onLoudness([]));
    router.on('workerclose', () => listeners.onLost());
    return new RoomMedia(router, webRtcServer, loudness);
  }

  createTransport(): Promise<mediasoup.WebRtcTransport> {
    return this.router.createWebRtcTransport({
      webRtcServer: this.webRtcServer,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      initialAvailableOutgoingBitrate: initialOutgoingBitrateBps,
    });
  }

  /** Listens to a microphone; `producer.appData.trackId` names it. Ends when the producer closes. */
  async listenTo(producer: mediasoup.Producer): Promise<void> {
    if (!producer.closed) await this.loudness.addProducer({ producerId: producer.id });
  }

  /** Closes the router with everything on it. Idempotent. */
  close(): void {
    this.router.close();
  }
}
