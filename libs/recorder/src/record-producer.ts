import type { ParticipantId, RecordingId, TrackId, TrackSource } from '@rushes/timeline';
import { beginsKeyFrame } from '@rushes/media';
import type { TrackHeader } from '@rushes/media';
import { monotonicEpochMs } from '@rushes/platform';
import type { types as mediasoup } from 'mediasoup';
import type { Spool } from './spool/spool.ts';
import { recordedCapabilities } from './track/recorded-capabilities.ts';
import { KeyFramePolicy } from './track/key-frame-policy.ts';
import { LayerMap } from './track/layer-map.ts';
import { readSenderSsrcs, singleStream } from './track/stream-map.ts';
import { TrackRecording } from './track/track-recording.ts';

export type RecordProducerOptions = {
  /** Where packets go: local files first, then the object store. */
  spool: Spool;
  recordingId: RecordingId;
  /** Epoch milliseconds of the recording clock's zero, as `monotonicEpochMs` counts them. */
  recordedAt: number;
  participantId: ParticipantId;
  trackId: TrackId;
  source: TrackSource;
  /** Set when the producer is paused from the start. */
  paused?: 'muted' | 'camera-off' | null;
  /** Simulcast: highest layer to record, counted from 0. Default: the highest there is. */
  highestLayer?: number;
  /** How often video is asked for a key frame, so that its file can be sought in. Default 10 s. */
  keyFrameIntervalMs?: number;
};

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
  const { spool, recordedAt, recordingId } = options;
  const nowMs = (): number => Math.max(0, monotonicEpochMs() - recordedAt);
  const startMs = nowMs();
  const isSimulcast = producer.type === 'simulcast';
  const transport = await router.createDirectTransport();
  try {
    const [consumer] = await Promise.all([
      transport.consume({
        producerId: producer.id,
        rtpCapabilities: recordedCapabilities(router),
        pipe: isSimulcast,
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
          highestLayer: options.highestLayer ?? Infinity,
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
    // Resuming asks for a key frame.
    await consumer.resume();
    return recording;
  } catch (error) {
    transport.close();
    throw error;
  }
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
