import { findWorkerBinary } from '@rushes/media/worker-binary';
import type { Config, Logger } from '@rushes/platform';
import { createWorker } from 'mediasoup';
import type { types as mediasoup } from 'mediasoup';
import type { OpenRtpTrack } from './rtp-track-schemas.ts';

/** mediasoup does not know the codec's parameters. */
export class CodecUnknownError extends Error {
  override readonly name = 'CodecUnknownError';
}

export type ReceivedRtp = {
  router: mediasoup.Router;
  transport: mediasoup.PlainTransport;
  producer: mediasoup.Producer;
};

const feedback: mediasoup.RtcpFeedback[] = [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }];

/** Receives plain RTP by a mediasoup worker of its own, which asks for lost packets and key frames. Started when first needed. */
export class RtpReceiver {
  private worker: Promise<mediasoup.Worker> | undefined;

  constructor(
    private readonly config: Pick<Config, 'rtcHost' | 'rtcPortMin' | 'rtcPortMax' | 'announcedAddress'>,
    private readonly logger: Logger,
  ) {}

  /**
   * Opens a port for one stream. Closing the router ends it.
   * @throws CodecUnknownError, or another Error when no port is free
   */
  async open(track: OpenRtpTrack): Promise<ReceivedRtp> {
    const worker = await this.startedWorker();
    const { mimeType, payloadType, clockRate, channels, parameters } = track.codec;
    const kind = mimeType.startsWith('audio/') ? 'audio' : 'video';
    const codec = { mimeType, clockRate, ...(channels ? { channels } : {}), ...(parameters ? { parameters } : {}) };
    const router = await worker.createRouter({ mediaCodecs: [{ kind, ...codec }] }).catch(refuseCodec);
    try {
      const transport = await this.openTransport(router, track);
      const rtpParameters: mediasoup.RtpParameters = {
        codecs: [{ ...codec, payloadType, rtcpFeedback: kind === 'video' ? feedback : [] }],
        encodings: [{ ssrc: track.ssrc }],
        rtcp: { ...(track.cname === undefined ? {} : { cname: track.cname }) },
      };
      const producer = await transport.produce({ kind, rtpParameters }).catch(refuseCodec);
      return { router, transport, producer };
    } catch (error) {
      router.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.worker?.then((worker) => worker.close()).catch(() => undefined);
  }

  private async openTransport(router: mediasoup.Router, track: OpenRtpTrack): Promise<mediasoup.PlainTransport> {
    const { rtcHost, rtcPortMin, rtcPortMax, announcedAddress } = this.config;
    const { from, rtcpMux, srtpParameters } = track;
    const transport = await router.createPlainTransport({
      listenInfo: {
        protocol: 'udp',
        ip: rtcHost,
        portRange: { min: rtcPortMin, max: rtcPortMax },
        ...(announcedAddress === undefined ? {} : { announcedAddress }),
      },
      rtcpMux,
      comedia: from.port === undefined,
      ...(srtpParameters ? { enableSrtp: true, srtpCryptoSuite: srtpParameters.cryptoSuite } : {}),
    });
    const srtp = srtpParameters ? { srtpParameters } : {};
    if (from.port === undefined) {
      if (srtpParameters) await transport.connect(srtp);
    } else {
      const rtcp = from.rtcpPort === undefined ? {} : { rtcpPort: from.rtcpPort };
      await transport.connect({ ip: from.ip, port: from.port, ...rtcp, ...srtp });
    }
    return transport;
  }

  private startedWorker(): Promise<mediasoup.Worker> {
    this.worker ??= this.startWorker().catch((error: unknown) => {
      this.worker = undefined;
      throw error;
    });
    return this.worker;
  }

  private async startWorker(): Promise<mediasoup.Worker> {
    const worker = await createWorker({ workerBin: findWorkerBinary(), logLevel: 'warn' });
    worker.on('died', (err) => {
      this.logger.error({ err, workerPid: worker.pid }, 'media worker died');
      this.worker = undefined;
    });
    return worker;
  }
}

/** What mediasoup says of codecs; of anything else it says other errors. */
function refuseCodec(cause: Error): never {
  if (cause.name !== 'UnsupportedError' && cause.name !== 'TypeError') throw cause;
  throw new CodecUnknownError(cause.message, { cause });
}
