import { beginsKeyFrame, encodeSenderReport, parseRtp } from '@rushes/media';
import type { SenderReport, TrackHeader, TrackNote } from '@rushes/media';
import type { types as mediasoup } from 'mediasoup';
import type { KeyFramePolicy } from './key-frame-policy.ts';
import type { OpenTrack } from './open-track.ts';
import type { RecordedTrack } from './recorded-track.ts';
import type { StreamMap } from './stream-map.ts';
import type { TrackSink } from './track-sink.ts';

export type TrackRecordingParts = {
  producer: mediasoup.Producer;
  transport: mediasoup.DirectTransport;
  consumer: mediasoup.Consumer;
  spool: TrackSink;
  streams: StreamMap;
  /** Now on the recording clock, milliseconds with fractions. */
  nowMs: () => number;
  /** Undefined for audio. */
  keyFrames: KeyFramePolicy | undefined;
};

/** How often it is looked whether an awaited key frame has come. mediasoup repeats a request once only. Milliseconds. */
const repeatMs = 250;

/** What became of a track's bytes when it was closed. */
export type ClosedTrack = {
  endMs: number;
  /** 0: nothing was recorded. */
  packetCount: number;
  /** Resolves with true when the object store has everything; false when this process ended before. */
  stored: Promise<boolean>;
};

/**
 * One running recording of one producer: every packet that arrives goes to the spool as it is, and the sender's own
 * reports with it. Ends when closed, or by itself when the producer or its router closes.
 */
export class TrackRecording implements OpenTrack {
  private closing: Promise<ClosedTrack> | undefined;
  private readonly closed: Promise<void>;
  private readonly onSenderReport = (trace: mediasoup.ProducerTraceEventData): void => this.takeTrace(trace);

  constructor(private readonly parts: TrackRecordingParts) {
    const { producer, consumer } = parts;
    consumer.on('rtp', (data) => this.takePacket(data));
    producer.on('trace', this.onSenderReport);
    consumer.on('layerschange', (layers) => this.takeLayers(layers));
    // The producer's and the router's end close the consumer.
    this.closed = new Promise((resolve) => consumer.observer.once('close', () => resolve()));
    void this.closed.then(() => this.close());
    if (parts.keyFrames) {
      const timer = setInterval(() => this.repeatRequest(), repeatMs);
      timer.unref();
      void this.closed.then(() => clearInterval(timer));
    }
  }

  get header(): TrackHeader {
    return this.parts.spool.header;
  }

  get recordedTrack(): RecordedTrack {
    return this.parts.spool.recordedTrack;
  }

  /** Resolves when it has ended, by `close` or by itself. */
  whenClosed(): Promise<void> {
    return this.closed;
  }

  /** @param atMs when it was paused, on the recording clock; default now */
  notePaused(reason: 'muted' | 'camera-off', atMs = this.parts.nowMs()): void {
    this.note({ kind: 'paused', atMs, reason });
  }

  noteResumed(atMs = this.parts.nowMs()): void {
    this.note({ kind: 'resumed', atMs });
  }

  note(note: TrackNote): void {
    this.parts.spool.note(note);
  }

  /** For whoever knows that what was recorded can no longer be built upon. */
  requestKeyFrame(): void {
    // It fails only when the consumer has closed meanwhile.
    if (this.parts.keyFrames) this.parts.consumer.requestKeyFrame().catch(() => undefined);
  }

  /** Stops, and resolves when everything is on local disk. Idempotent. */
  close(atMs = this.parts.nowMs()): Promise<ClosedTrack> {
    this.closing ??= this.finish(atMs);
    return this.closing;
  }

  private async finish(endMs: number): Promise<ClosedTrack> {
    const { producer, transport, spool } = this.parts;
    producer.off('trace', this.onSenderReport);
    transport.close();
    const { stored } = await spool.close(endMs);
    return { endMs, packetCount: spool.packetCount, stored };
  }

  private takePacket(data: Uint8Array): void {
    const { nowMs, spool, keyFrames, streams } = this.parts;
    const atMs = nowMs();
    const packet = parseRtp(data);
    if (!packet) return;
    for (const taken of streams.take({ data, atMs, packet })) {
      spool.append({ kind: 'rtp', atMs: taken.atMs, data: taken.data });
      const isKey = (): boolean => beginsKeyFrame(spool.header.codec, taken.packet.payload);
      if (keyFrames?.shouldRequest(taken.packet, taken.atMs, isKey)) this.requestKeyFrame();
    }
  }

  private repeatRequest(): void {
    const { producer, keyFrames, nowMs } = this.parts;
    if (!producer.paused && keyFrames?.shouldRepeat(nowMs())) this.requestKeyFrame();
  }

  private takeTrace({ type, info }: mediasoup.ProducerTraceEventData): void {
    if (type !== 'sr') return;
    const report = info as TracedReport;
    const ssrc = this.parts.streams.recordedSsrcOf(report.ssrc);
    if (ssrc === undefined) return;
    const { ntpSec, ntpFrac, rtpTs: rtpTimestamp, packetCount, octetCount } = report;
    const data = encodeSenderReport({ ssrc, ntpSec, ntpFrac, rtpTimestamp, packetCount, octetCount });
    this.parts.spool.append({ kind: 'rtcp', atMs: this.parts.nowMs(), data });
  }

  private takeLayers(layers: mediasoup.ConsumerLayers | undefined): void {
    this.parts.spool.note({
      kind: 'layer-changed',
      atMs: this.parts.nowMs(),
      spatialLayer: layers?.spatialLayer ?? null,
      temporalLayer: layers?.temporalLayer ?? null,
    });
  }
}

/** `info` of a trace of type `sr` (mediasoup's SrTraceInfo): the report as the sender wrote it. */
type TracedReport = Omit<SenderReport, 'rtpTimestamp'> & { rtpTs: number };
