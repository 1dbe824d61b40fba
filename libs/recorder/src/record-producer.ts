import type { ParticipantId, RecordingId, TrackId, TrackSource } from '@rushes/timeline';
import { beginsKeyFrame } from '@rushes/media';
import type { TrackHeader } from '@rushes/media';
import { monotonicEpochMs } from '@rushes/platform/clock';
import type { types as mediasoup } from 'mediasoup';
import { recordedCapabilities } from './track/recorded-capabilities.ts';
import { KeyFramePolicy } from './track/key-frame-policy.ts';
import { LayerMap } from './track/layer-map.ts';
import { readSenderSsrcs, singleStream } from './track/stream-map.ts';
import { TrackRecording } from './track/track-recording.ts';
import type { TrackSinks } from './track/track-sink.ts';

export type RecordProducerOptions = {
  /** Where packets go: a `Spool`, local files first, then the object store; or a recorder elsewhere. */
  spool: TrackSinks;
  recordingId: RecordingId;
  /** Epoch milliseconds of the recording clock's zero, as `clock` counts them. */
  recordedAt: number;
  /** Epoch milliseconds now, with fractions. Default `monotonicEpochMs`. */
  clock?: () => number;
  participantId: ParticipantId;
  trackId: TrackId;
  source: TrackSource;
  /** Set when the producer is paused from the start. */
  paused?: 'muted' | 'camera-off' | null;
  /** Simulcast and SVC: highest spatial layer to record, counted from 0. Default: the highest there is. */
  highestLayer?: number | null;
  /** How often video is asked for a key frame, so that its file can be sought in. Default 10 s. */
  keyFrameIntervalMs?: number;
};

/** More layers than any codec has. */
const allLayers = 255;
/** After which all layers of the first picture have come; and Chromium does not hear two requests for a key frame within 300 ms. */
const layersMs = 350;

/**
 * Records a mediasoup producer: its packets as they come, and its sender's own RTCP reports. Turns the producer's `sr`
 * trace events on (and others off, which is how mediasoup sets them). Packets that arrive from the moment this resolves
 * are kept; a key frame is asked for.
 *
 * The producer, router and worker stay the caller's. Close the recording when the track ends; it also closes itself
 * with the producer.
 */
export async function recordProducer(
  router: mediasoup.Router,
  producer: mediasoup.Producer,
  options: RecordProducerOptions,
): Promise<TrackRecording> {
  const { spool, recordedAt, recordingId, clock = monotonicEpochMs } = options;
  const nowMs = (): number => Math.max(0, clock() - recordedAt);
  const startMs = nowMs();
  const highestLayer = options.highestLayer ?? allLayers;
  const isSimulcast = producer.type === 'simulcast';
  const transport = await router.createDirectTransport();
  try {
    const [consumer] = await Promise.all([
      transport.consume({
        producerId: producer.id,
        rtpCapabilities: recordedCapabilities(router),
        pipe: isSimulcast,
        // SVC: mediasoup hands over the layers that make up this one. Above the highest there is, it is that.
        preferredLayers: { spatialLayer: highestLayer, temporalLayer: allLayers },
        enableRtx: false,
        // Nothing may arrive before somebody listens.
        paused: true,
      }),
      producer.enableTraceEvent(['sr']),
    ]);
    const trackSpool = spool.openTrack({ recordingId, recordedAt, header: describe(producer, options, startMs) });
    const streams = isSimulcast
      ? new LayerMap(consumer, {
          readSenderSsrcs: () => readSenderSsrcs(producer),
          highestLayer,
          beginsKeyFrame: (payload) => beginsKeyFrame(trackSpool.header.codec, payload),
          onSwitch: (layer) =>
            trackSpool.note({ kind: 'layer-changed', atMs: nowMs(), spatialLayer: layer, temporalLayer: null }),
          // It fails only when the consumer has closed meanwhile.
          requestKeyFrame: () => void consumer.requestKeyFrame().catch(() => undefined),
        })
      : singleStream(consumer);
    const keyFrames =
      producer.kind === 'video' ? new KeyFramePolicy(options.keyFrameIntervalMs ?? 10_000, startMs) : undefined;
    const recording = new TrackRecording({
      producer,
      transport,
      consumer,
      spool: trackSpool,
      streams,
      nowMs,
      keyFrames,
    });
    if (options.paused) recording.notePaused(options.paused, startMs);
    if (producer.type === 'svc') soonReachHighest(consumer);
    // Resuming asks for a key frame.
    await consumer.resume();
    return recording;
  } catch (error) {
    transport.close();
    throw error;
  }
}

/**
 * mediasoup looks every 1.5 s which layers flow, and at a track's beginning knows only the lowest. When it is asked for other layers
 * than before it looks at once.
 */
function soonReachHighest(consumer: mediasoup.Consumer): void {
  const ask = async (): Promise<void> => {
    const { preferredLayers, currentLayers } = consumer;
    if (!preferredLayers || !currentLayers || currentLayers.spatialLayer >= preferredLayers.spatialLayer) return;
    await consumer.setPreferredLayers({ ...preferredLayers, spatialLayer: currentLayers.spatialLayer });
    await consumer.setPreferredLayers(preferredLayers);
  };
  consumer.once('layerschange', () => {
    // It fails only when the consumer has closed meanwhile.
    const timer = setTimeout(() => void ask().catch(() => undefined), layersMs);
    consumer.observer.once('close', () => clearTimeout(timer));
  });
}

function describe(producer: mediasoup.Producer, options: RecordProducerOptions, startMs: number): TrackHeader {
  const { trackId, participantId, source } = options;
  const { codecs, rtcp } = producer.rtpParameters;
  const codec = codecs[0]!;
  return {
    kind: 'track',
    version: 1,
    trackId,
    participantId,
    media: producer.kind,
    source,
    codec: codec.mimeType,
    clockRate: codec.clockRate,
    cname: rtcp?.cname ?? null,
    startMs,
  };
}
