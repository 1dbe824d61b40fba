import type { types as mediasoup } from 'mediasoup';
import type { ParticipantId, TrackId } from '@rushes/timeline';
import { newId } from '@rushes/platform';
import type { RoomMedia } from '../media/room-media.ts';
import type { Answers, Opaque } from '../protocol/answers.ts';
import type { RequestData } from '../protocol/requests.ts';
import { SignallingError } from '../signalling/signalling-error.ts';
import { codecOf, type Track } from './track.ts';

/** What one page may send at most, bits per second: one camera and one screen at high quality. */
const maxIncomingBitrateBps = 8_000_000;

/**
 * A presence's transports, producers and consumers. Closing a transport closes what it carried; {@link close} closes all.
 * The room is told of tracks by the caller, who knows why they begin and end.
 */
export class MemberMedia {
  readonly tracks = new Map<TrackId, Track>();
  readonly #transports = new Map<'send' | 'receive', mediasoup.WebRtcTransport>();
  readonly #consumers = new Map<string, mediasoup.Consumer>();
  #isClosed = false;
  #rtpCapabilities: mediasoup.RtpCapabilities | undefined;

  constructor(
    private readonly participantId: ParticipantId,
    readonly room: RoomMedia,
    private readonly listeners: {
      onTrackLost(track: Track): void;
      onConsumerClosed(consumerId: string, trackId: TrackId): void;
    },
  ) {}

  async createTransport(data: RequestData['createTransport']): Promise<Answers['createTransport']> {
    const transport = await this.room.createTransport();
    if (this.#isClosed) {
      transport.close();
      throw new SignallingError('not-joined', 'The page has left the meeting');
    }
    // The former one goes only now: two quick requests would otherwise both find none.
    this.#transports.get(data.direction)?.close();
    this.#transports.set(data.direction, transport);
    if (data.direction === 'receive') this.#rtpCapabilities = data.rtpCapabilities;
    else await transport.setMaxIncomingBitrate(maxIncomingBitrateBps);
    return {
      transportId: transport.id,
      iceParameters: transport.iceParameters,
      iceCandidates: transport.iceCandidates,
      dtlsParameters: transport.dtlsParameters,
    };
  }

  async connectTransport(data: RequestData['connectTransport']): Promise<void> {
    const dtlsParameters = data.dtlsParameters as unknown as mediasoup.DtlsParameters;
    await this.#transport(data.transportId).connect({ dtlsParameters });
  }

  async restartIce(data: RequestData['restartIce']): Promise<Answers['restartIce']> {
    return { iceParameters: await this.#transport(data.transportId).restartIce() };
  }

  /** @throws SignallingError `source-taken` while a track of the same source is there */
  async produce(data: RequestData['produce']): Promise<Track> {
    const transport = this.#transport(data.transportId);
    if (transport !== this.#transports.get('send')) {
      throw new SignallingError('input-invalid', 'data.transportId: expected the transport for sending');
    }
    const trackId = newId();
    const producer = await transport.produce({
      kind: data.kind,
      rtpParameters: data.rtpParameters as unknown as mediasoup.RtpParameters,
      paused: data.paused !== undefined,
      appData: { trackId },
    });
    if ([...this.tracks.values()].some((track) => track.source === data.source)) {
      producer.close();
      throw new SignallingError('source-taken', `data.source: a ${data.source} track is open already`);
    }
    const { participantId } = this;
    const track: Track = {
      trackId,
      participantId,
      kind: data.kind,
      source: data.source,
      producer,
      paused: data.paused ?? null,
    };
    this.tracks.set(trackId, track);
    producer.on('transportclose', () => {
      if (this.tracks.delete(trackId)) this.listeners.onTrackLost(track);
    });
    return track;
  }

  /** @throws SignallingError `not-found` unless this member has the track */
  track(trackId: TrackId): Track {
    const track = this.tracks.get(trackId);
    if (!track) throw new SignallingError('not-found', `data.trackId: you have no track "${trackId}"`);
    return track;
  }

  closeTrack(track: Track): void {
    this.tracks.delete(track.trackId);
    track.producer.close();
  }

  /** Starts to receive another member's track; paused. */
  async consume(track: Track): Promise<Answers['consume']> {
    const transport = this.#transports.get('receive');
    if (!transport || !this.#rtpCapabilities) {
      throw new SignallingError('not-found', 'There is no transport for receiving: create it first');
    }
    const rtpCapabilities = this.#rtpCapabilities;
    if (!this.room.router.canConsume({ producerId: track.producer.id, rtpCapabilities })) {
      throw new SignallingError('cannot-consume', `data.trackId: this browser cannot play ${codecOf(track)}`);
    }
    const consumer = await transport.consume({ producerId: track.producer.id, rtpCapabilities, paused: true });
    this.#consumers.set(consumer.id, consumer);
    const forget = () => {
      if (this.#consumers.delete(consumer.id)) this.listeners.onConsumerClosed(consumer.id, track.trackId);
    };
    consumer.on('producerclose', forget);
    consumer.on('transportclose', forget);
    return {
      consumerId: consumer.id,
      producerId: track.producer.id,
      trackId: track.trackId,
      kind: track.kind,
      rtpParameters: consumer.rtpParameters as unknown as Opaque,
    };
  }

  /** @throws SignallingError `not-found` */
  consumer(consumerId: string): mediasoup.Consumer {
    const consumer = this.#consumers.get(consumerId);
    if (!consumer) throw new SignallingError('not-found', `data.consumerId: you have no consumer "${consumerId}"`);
    return consumer;
  }

  /** Idempotent; `onTrackLost` is called for tracks that are still open. */
  close(): void {
    this.#isClosed = true;
    for (const transport of this.#transports.values()) transport.close();
    this.#transports.clear();
  }

  #transport(transportId: string): mediasoup.WebRtcTransport {
    for (const transport of this.#transports.values()) if (transport.id === transportId) return transport;
    throw new SignallingError('not-found', `data.transportId: you have no transport "${transportId}"`);
  }
}
