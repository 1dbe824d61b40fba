import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { CONFIG, LOGGER, newId, ProblemError } from '@rushes/platform';
import type { Config, Logger } from '@rushes/platform';
import type { TrackId } from '@rushes/timeline';
import { ExternalTracks } from '../external/external-tracks.ts';
import type { ExternalTrack } from '../external/external-tracks.ts';
import { TrackRefused } from '../external/track-refused.ts';
import { RecorderService } from '../recorder.service.ts';
import { recordProducer } from '../record-producer.ts';
import { recordedTrackName } from '../track/recorded-track.ts';
import type { RecordedTrack } from '../track/recorded-track.ts';
import { WatchedSinks } from '../track/watched-sinks.ts';
import { CodecUnknownError, RtpReceiver } from './rtp-receiver.ts';
import type { ReceivedRtp } from './rtp-receiver.ts';
import type { OpenRtpTrack, RtpTrackAnswer } from './rtp-track-schemas.ts';

/** How often it is looked whether anything came. Milliseconds. */
const watchMs = 1_000;
const refusedStatus: Partial<Record<TrackRefused['code'], number>> = { 'recording-not-found': 404 };

/** Takes tracks that hosts elsewhere send as plain RTP. */
@Injectable()
export class RtpIntake implements BeforeApplicationShutdown {
  private readonly receiver: RtpReceiver;
  /** By {@link recordedTrackName}. */
  private readonly open = new Map<string, ExternalTrack>();
  /** Names of tracks that are being opened. */
  private readonly opening = new Set<string>();

  constructor(
    @Inject(RecorderService) private readonly recorder: RecorderService,
    @Inject(ExternalTracks) private readonly tracks: ExternalTracks,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.receiver = new RtpReceiver(config, logger);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([...this.open.values()].map((external) => this.tracks.end(external, external.lastMs())));
    await this.receiver.close();
  }

  /** @throws ProblemError 404 `recording-not-found`, 409 `recording-over` or `track-exists`, 400 `codec-unknown` */
  async begin(asked: OpenRtpTrack): Promise<RtpTrackAnswer> {
    const { recordingId } = asked;
    const trackId = asked.trackId ?? newId();
    const name = recordedTrackName({ recordingId, trackId });
    if (this.opening.has(name)) {
      throw new ProblemError(409, 'track-exists', `trackId: the track ${trackId} is being opened already`);
    }
    this.opening.add(name);
    try {
      return await this.receiveTrack({ ...asked, trackId });
    } finally {
      this.opening.delete(name);
    }
  }

  private async receiveTrack(asked: OpenRtpTrack & { trackId: TrackId }): Promise<RtpTrackAnswer> {
    const { recordingId, trackId, participantId, source, presenceId, role, participantName = participantId } = asked;
    const recordedAt = await this.tracks.admit({ recordingId, trackId }).catch((error: unknown) => {
      if (!(error instanceof TrackRefused)) throw error;
      throw new ProblemError(refusedStatus[error.code] ?? 409, error.code, error.message);
    });
    const received = await this.receive(asked);
    const { router, transport, producer } = received;
    const sinks = new WatchedSinks(this.recorder.spool);
    const track = await recordProducer(router, producer, {
      ...{ spool: sinks, recordingId, recordedAt, participantId, trackId, source },
    }).catch((error: unknown) => {
      router.close();
      throw error;
    });
    const external: ExternalTrack = {
      ...{ recordingId, header: track.header, track },
      presence: presenceId === undefined ? null : { presenceId, role, name: participantName },
      lastMs: () => sinks.lastMs ?? track.header.startMs,
      onOver: () => undefined,
    };
    const name = recordedTrackName({ recordingId, trackId });
    this.open.set(name, external);
    this.tracks.add(external);
    const watch = this.watchSilence(external, sinks, asked.silentAfterSeconds * 1000);
    void track.whenClosed().then(() => {
      clearInterval(watch);
      this.open.delete(name);
      router.close();
    });
    this.admitSender(received, external, sinks, asked);
    const { tuple, rtcpTuple, srtpParameters } = transport;
    return {
      ...{ trackId, ip: tuple.localAddress, port: tuple.localPort, rtcpPort: rtcpTuple?.localPort ?? null },
      srtpParameters: asked.srtpParameters ? (srtpParameters ?? null) : null,
      endUrl: `${this.config.recorderUrl}/v1/tracks/rtp/${recordingId}/${trackId}`,
    };
  }

  /** @throws ProblemError 404 `track-not-found` when this recorder does not have it */
  async end(track: RecordedTrack): Promise<void> {
    const external = this.open.get(recordedTrackName(track));
    if (!external) {
      throw new ProblemError(
        404,
        'track-not-found',
        'This recorder receives no such track: it has ended, or endUrl of the answer that opened it names another recorder.',
      );
    }
    await this.tracks.end(external, external.lastMs());
  }

  private async receive(asked: OpenRtpTrack): Promise<ReceivedRtp> {
    try {
      return await this.receiver.open(asked);
    } catch (cause) {
      if (!(cause instanceof CodecUnknownError)) throw cause;
      const expected = `parameters that mediasoup knows for ${asked.codec.mimeType}: ${cause.message}`;
      throw new ProblemError(400, 'codec-unknown', `body.codec: expected ${expected}`, [
        { field: 'body.codec', expected },
      ]);
    }
  }

  /** Nothing is kept of whoever sends from an address that nobody named: the first packet says which it is. */
  private admitSender(
    { transport }: ReceivedRtp,
    external: ExternalTrack,
    sinks: WatchedSinks,
    { from }: OpenRtpTrack,
  ): void {
    if (from.port !== undefined) return sinks.admit();
    const refuse = (remoteIp: string | undefined): void => {
      const { recordingId, header } = external;
      this.logger.warn({ recordingId, trackId: header.trackId, remoteIp }, 'RTP from an address that nobody named');
      void this.tracks.end(external, external.lastMs());
    };
    transport.on('tuple', ({ remoteIp }) => (remoteIp === from.ip ? sinks.admit() : refuse(remoteIp)));
    // Where RTCP has a port of its own, its first packet says so for itself.
    transport.on('rtcptuple', ({ remoteIp }) => {
      if (remoteIp !== from.ip) refuse(remoteIp);
    });
  }

  private watchSilence(external: ExternalTrack, sinks: WatchedSinks, silentMs: number): NodeJS.Timeout {
    let [seen, seenAt] = [0, performance.now()];
    return setInterval(() => {
      if (sinks.packetCount > seen) {
        [seen, seenAt] = [sinks.packetCount, performance.now()];
        return this.tracks.heard(external);
      }
      if (performance.now() - seenAt < silentMs) return;
      const { recordingId, header } = external;
      this.logger.warn({ recordingId, trackId: header.trackId, silentMs }, 'no more RTP comes: the track is ended');
      void this.tracks.end(external, external.lastMs());
    }, watchMs).unref();
  }
}
