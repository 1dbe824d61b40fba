import { Device, type types as mediasoup } from 'mediasoup-client';
import type { Answers, Method, RequestInput } from '@rushes/rooms/protocol';
import type { TrackId, TrackSource } from '@rushes/timeline';
import { encodingOf, type EncodingOptions } from './encodings.ts';

type Request = <M extends Method>(method: M, data: RequestInput[M]) => Promise<Answers[M]>;
type Json = Record<string, unknown>;

export type MediaSessionListeners = {
  /** A remote track can be played, or is gone (null). */
  onRemoteTrack(trackId: TrackId, track: MediaStreamTrack | null): void;
};

/**
 * The media of one presence: what it sends and what it receives. A page that comes back makes a new one and keeps its
 * devices. Pausing keeps the device open; closing a source ends its track.
 */
export class MediaSession {
  readonly #producers = new Map<TrackSource, { trackId: TrackId; producer: mediasoup.Producer }>();
  readonly #consumers = new Map<TrackId, mediasoup.Consumer>();
  readonly #wanted = new Set<TrackId>();

  private constructor(
    private readonly device: Device,
    private readonly request: Request,
    private readonly sending: mediasoup.Transport,
    private readonly receiving: mediasoup.Transport,
    private readonly listeners: MediaSessionListeners,
  ) {}

  /** @throws SignallingFailure; UnsupportedError when the browser has no WebRTC */
  static async open(
    routerRtpCapabilities: Json,
    request: Request,
    listeners: MediaSessionListeners,
  ): Promise<MediaSession> {
    const device = await Device.factory();
    await device.load({ routerRtpCapabilities: routerRtpCapabilities });
    const rtpCapabilities = device.recvRtpCapabilities as unknown as Json;
    const [send, receive] = await Promise.all([
      request('createTransport', { direction: 'send' }),
      request('createTransport', { direction: 'receive', rtpCapabilities }),
    ]);
    const sending = device.createSendTransport(transportOptions(send));
    const receiving = device.createRecvTransport(transportOptions(receive));
    for (const transport of [sending, receiving]) keepConnected(transport, request);
    sending.on('produce', ({ kind, rtpParameters, appData }, callback, errback) => {
      const { source, paused } = appData as { source: TrackSource; paused?: 'muted' | 'camera-off' };
      request('produce', {
        transportId: sending.id,
        kind,
        source,
        rtpParameters: rtpParameters,
        ...(paused === undefined ? {} : { paused }),
      }).then(({ trackId }) => callback({ id: trackId }), errback);
    });
    return new MediaSession(device, request, sending, receiving, listeners);
  }

  /** The track under which a source is sent, or undefined. */
  trackIdOf(source: TrackSource): TrackId | undefined {
    return this.#producers.get(source)?.trackId;
  }

  /** Begins to send `track`, which stays the caller's to stop. */
  async send(
    source: TrackSource,
    track: MediaStreamTrack,
    options: EncodingOptions & { paused?: 'muted' | 'camera-off' },
  ): Promise<TrackId> {
    const producer = await this.sending.produce({
      track,
      stopTracks: false,
      appData: { source, ...(options.paused === undefined ? {} : { paused: options.paused }) },
      ...encodingOf(source, track, this.device, options),
    });
    if (options.paused !== undefined) producer.pause();
    // The server's track id is used as the producer's id on this side.
    this.#producers.set(source, { trackId: producer.id, producer });
    return producer.id;
  }

  /** Stops sending at once, then tells the room. Nothing happens when the source is not sent. */
  async pause(source: TrackSource, reason: 'muted' | 'camera-off'): Promise<void> {
    const sent = this.#producers.get(source);
    if (!sent || sent.producer.paused) return;
    sent.producer.pause();
    await this.request('pauseProducer', { trackId: sent.trackId, reason });
  }

  async resume(source: TrackSource): Promise<void> {
    const sent = this.#producers.get(source);
    if (!sent?.producer.paused) return;
    sent.producer.resume();
    await this.request('resumeProducer', { trackId: sent.trackId });
  }

  async stopSending(source: TrackSource): Promise<void> {
    const sent = this.#producers.get(source);
    if (!sent) return;
    this.#producers.delete(source);
    sent.producer.close();
    await this.request('closeProducer', { trackId: sent.trackId });
  }

  /** Begins to receive a track of somebody else; `streamId` groups what must play in step. */
  async receive(trackId: TrackId, streamId: string): Promise<void> {
    if (this.#wanted.has(trackId)) return;
    this.#wanted.add(trackId);
    try {
      const { consumerId, producerId, kind, rtpParameters } = await this.request('consume', { trackId });
      const consumer = await this.receiving.consume({
        id: consumerId,
        producerId,
        kind,
        rtpParameters: rtpParameters as unknown as mediasoup.RtpParameters,
        streamId,
      });
      if (!this.#wanted.has(trackId)) return consumer.close();
      this.#consumers.set(trackId, consumer);
      this.listeners.onRemoteTrack(trackId, consumer.track);
      await this.request('resumeConsumer', { consumerId });
    } catch (error) {
      this.drop(trackId);
      throw error;
    }
  }

  /** The track is gone, or no longer wanted here. */
  drop(trackId: TrackId): void {
    this.#wanted.delete(trackId);
    this.#consumers.get(trackId)?.close();
    if (this.#consumers.delete(trackId)) this.listeners.onRemoteTrack(trackId, null);
  }

  /** Ends both directions; devices stay open. Idempotent. */
  close(): void {
    for (const trackId of [...this.#consumers.keys()]) this.drop(trackId);
    this.#wanted.clear();
    this.#producers.clear();
    this.sending.close();
    this.receiving.close();
  }
}

function transportOptions(answer: Answers['createTransport']): mediasoup.TransportOptions {
  const { transportId, iceParameters, iceCandidates, dtlsParameters } = answer;
  return { id: transportId, iceParameters, iceCandidates, dtlsParameters } as unknown as mediasoup.TransportOptions;
}

/** Connects a transport when it is first used, and finds a new path when the network changes. */
function keepConnected(transport: mediasoup.Transport, request: Request): void {
  transport.on('connect', ({ dtlsParameters }, callback, errback) => {
    request('connectTransport', {
      transportId: transport.id,
      dtlsParameters: dtlsParameters,
    }).then(() => callback(), errback);
  });
  transport.on('connectionstatechange', (state) => {
    if (state !== 'failed' && state !== 'disconnected') return;
    request('restartIce', { transportId: transport.id })
      .then(({ iceParameters }) =>
        transport.restartIce({ iceParameters: iceParameters as unknown as mediasoup.IceParameters }),
      )
      // Lost together with the socket: the page is about to come back with new transports.
      .catch(() => undefined);
  });
}
