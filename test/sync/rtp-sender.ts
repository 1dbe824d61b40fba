import { createSocket, type Socket } from 'node:dgram';
import { monotonicEpochMs } from '@rushes/platform';
import type { TrackKind } from '@rushes/timeline';
import type { types as mediasoup } from 'mediasoup';
import { encodeSenderReport } from '../../libs/media/src/rtp/sender-report.ts';
import type { VideoCodecName } from '../../libs/media/src/testing/encoders.ts';
import { signal } from '../content/signal.ts';
import type { Attendee } from './attendee.ts';
import type { MediaClock } from './clock.ts';
import { rtpSignalSeconds, type RtpSignal } from './rtp-signal.ts';

export type RtpTroubles = {
  /** How fast the clocks of picture and sound count, parts per million above true. The sender's wall clock is true. */
  fastPpm?: Partial<Record<TrackKind, number>>;
  /** No sender report before this many seconds. Default 0.5. */
  firstReportSeconds?: number;
  /** Sends nothing in silence but a packet every 400 ms, as Opus does with DTX. */
  dtx?: boolean;
  /** Its machine sleeps: nothing is sent, and none of its clocks counts that time. */
  asleep?: Pause;
  /** Its sound stands still while its wall clock goes on, as on a machine without time for it. Ascending. */
  soundStands?: readonly Pause[];
};

type Pause = { atSeconds: number; forSeconds: number };

export type RtpSenderOptions = RtpTroubles & { router: mediasoup.Router; rtp: RtpSignal; codec: VideoCodecName };

const clockRates = { audio: 48_000, video: 90_000 } as const;
const payloadTypes = { audio: 100, video: 101 } as const;
const tickMs = 5;
const headStartMs = 1000;
const reportEveryMs = 1000;
/** The sender's wall clock is another than ours: by this much, milliseconds since 1900 less epoch milliseconds. */
const wallAheadMs = 2_208_988_800_000 + 12_345_678;
/** Silence that DTX still sends before it stops, and how often it sends in it. */
const dtxAfterMs = 300;
const dtxEveryMs = 400;

type Stream = {
  kind: TrackKind;
  ssrc: number;
  socket: Socket;
  port: number;
  /** Of the next packet of the endless signal. */
  index: number;
  sequence: number;
  nextReportMs: number;
  packetCount: number;
  octetCount: number;
};

/**
 * Plays the encoded signal, over and over and in real time, into PlainTransports of the SFU, with clocks, reports and silences as
 * a browser cannot be made to have them.
 */
export class RtpSender {
  /** Epoch milliseconds of the signal's zero, its first key frame: by then the recorder listens. */
  private startedAtMs = 0;
  private readonly streams: Stream[] = [];
  private readonly transports: mediasoup.PlainTransport[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: RtpSenderOptions) {}

  async join(attendee: Attendee): Promise<void> {
    attendee.join();
    this.startedAtMs = monotonicEpochMs() + headStartMs;
    for (const kind of ['audio', 'video'] as const) attendee.addProducer(await this.addStream(kind));
    this.timer = setInterval(() => this.sendDue(), tickMs);
  }

  async leave(attendee: Attendee): Promise<void> {
    clearInterval(this.timer);
    attendee.leave();
    for (const { socket } of this.streams.splice(0)) socket.close();
    for (const transport of this.transports.splice(0)) transport.close();
  }

  clockOf(kind: TrackKind): MediaClock {
    const rate = this.rateOf(kind);
    return {
      periodMs: rtpSignalSeconds * 1000,
      msPerCode: 1000 / signal.fps,
      capturedAt: (clockMs) => this.startedAtMs + elapsedAt(clockMs / rate, this.pausesOf(kind)),
      clockMsAt: (epochMs) => runMsAt(epochMs - this.startedAtMs, this.pausesOf(kind)) * rate,
    };
  }

  /** Of its media clock, in time since the start. */
  private pausesOf(kind: TrackKind): readonly Pause[] {
    const { asleep, soundStands = [] } = this.options;
    return [...(asleep ? [asleep] : []), ...(kind === 'audio' ? soundStands : [])];
  }

  private rateOf(kind: TrackKind): number {
    return 1 + (this.options.fastPpm?.[kind] ?? 0) / 1e6;
  }

  private async addStream(kind: TrackKind): Promise<mediasoup.Producer> {
    const listenInfo = { protocol: 'udp', ip: '127.0.0.1' } as const;
    const transport = await this.options.router.createPlainTransport({ listenInfo, rtcpMux: true, comedia: true });
    this.transports.push(transport);
    const ssrc = kind === 'audio' ? 11_111 : 22_222;
    const codec = kind === 'audio' ? { mimeType: 'audio/opus', channels: 2 } : videoCodecs[this.options.codec];
    const clockRate = clockRates[kind];
    const producer = await transport.produce({
      kind,
      rtpParameters: {
        codecs: [{ ...codec, payloadType: payloadTypes[kind], clockRate }],
        encodings: [{ ssrc }],
        rtcp: { cname: 'rtp-sender' },
      },
    });
    const socket = createSocket('udp4');
    const { localPort: port } = transport.tuple;
    const nextReportMs = (this.options.firstReportSeconds ?? 0.5) * 1000;
    this.streams.push({ kind, ssrc, socket, port, nextReportMs, index: 0, sequence: 0, packetCount: 0, octetCount: 0 });
    return producer;
  }

  private sendDue(): void {
    const sinceStartMs = monotonicEpochMs() - this.startedAtMs;
    const wallPauses = this.options.asleep ? [this.options.asleep] : [];
    const awakeMs = runMsAt(sinceStartMs, wallPauses);
    if (elapsedAt(awakeMs, wallPauses) > sinceStartMs) return;
    for (const stream of this.streams) {
      const mediaMs = runMsAt(sinceStartMs, this.pausesOf(stream.kind)) * this.rateOf(stream.kind);
      for (; this.placeOf(stream.kind, stream.index).clockMs <= mediaMs; stream.index++) this.send(stream);
      if (awakeMs < stream.nextReportMs) continue;
      stream.nextReportMs = awakeMs + reportEveryMs;
      this.sendReport(stream, awakeMs, mediaMs);
    }
  }

  private placeOf(kind: TrackKind, index: number) {
    const packets = this.options.rtp[kind];
    const { ticks, packet } = packets[index % packets.length]!;
    const place = Math.floor(index / packets.length) * rtpSignalSeconds * clockRates[kind] + ticks;
    return { ticks: place, clockMs: (place / clockRates[kind]) * 1000, packet };
  }

  private send(stream: Stream): void {
    const { kind, ssrc, socket, port, index } = stream;
    const { ticks, clockMs, packet } = this.placeOf(kind, index);
    if (kind === 'audio' && this.options.dtx && isSkipped(clockMs)) return;
    const bytes = Buffer.from(packet);
    bytes.writeUInt8((bytes[1]! & 0x80) | payloadTypes[kind], 1);
    bytes.writeUInt16BE(stream.sequence++ & 0xffff, 2);
    bytes.writeUInt32BE(ticks % 2 ** 32, 4);
    bytes.writeUInt32BE(ssrc, 8);
    stream.packetCount++;
    stream.octetCount += bytes.length - 12;
    socket.send(bytes, port, '127.0.0.1');
  }

  private sendReport(
    { kind, ssrc, socket, port, packetCount, octetCount }: Stream,
    awakeMs: number,
    mediaMs: number,
  ): void {
    const wallMs = this.startedAtMs + awakeMs + wallAheadMs;
    const ticks = Math.round((mediaMs * clockRates[kind]) / 1000);
    const report = encodeSenderReport({
      ...{ ssrc, packetCount, octetCount },
      ntpSec: Math.floor(wallMs / 1000),
      ntpFrac: Math.floor(((wallMs % 1000) / 1000) * 2 ** 32),
      rtpTimestamp: ticks % 2 ** 32,
    });
    socket.send(report, port, '127.0.0.1');
  }
}

const videoCodecs = {
  VP8: { mimeType: 'video/VP8' },
  VP9: { mimeType: 'video/VP9', parameters: { 'profile-id': 0 } },
  H264: { mimeType: 'video/H264', parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f' } },
  AV1: { mimeType: 'video/AV1' },
};

/** How long a clock has run, of the time since the start. `pauses`: ascending. */
function runMsAt(elapsedMs: number, pauses: readonly Pause[]): number {
  return pauses.reduce((runMs, { atSeconds, forSeconds }) => {
    const intoMs = elapsedMs - atSeconds * 1000;
    return runMs - Math.min(Math.max(0, intoMs), forSeconds * 1000);
  }, elapsedMs);
}

/** The time since the start at which a clock has run for so long: at the end of a pause. */
function elapsedAt(runMs: number, pauses: readonly Pause[]): number {
  return pauses.reduce(
    (elapsedMs, { atSeconds, forSeconds }) => elapsedMs + (elapsedMs < atSeconds * 1000 ? 0 : forSeconds * 1000),
    runMs,
  );
}

/** Of each second the beginning is a beep. */
function isSkipped(clockMs: number): boolean {
  return clockMs % 1000 >= dtxAfterMs && Math.round(clockMs) % dtxEveryMs !== 0;
}
