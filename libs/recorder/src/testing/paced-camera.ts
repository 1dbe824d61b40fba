import type { types as mediasoup } from 'mediasoup';

const pictureMs = 40;
/** SSRC and picture size of the layers, lowest first. */
const layers = [
  { ssrc: 5001, width: 320, height: 180 },
  { ssrc: 5002, width: 1280, height: 720 },
] as const;

export type PacedCameraOptions = {
  /** Simulcast layers; default 2. With 1 it is an ordinary sender. */
  layerCount?: 1 | 2;
  /** Requests for a key frame that the network loses. */
  unheard?: number;
};

/**
 * A camera with simulcast layers that sends 25 pictures a second into a router, without a browser. As a browser does, it
 * answers a request for a key frame with one on all layers, and begins a layer that comes back with one. Pictures have VP8's
 * headers and nothing in them. Closing its producer ends it.
 */
export class PacedCamera {
  /** How often a key frame was asked for. */
  keyFrameRequests = 0;
  private readonly sent: Layer[];

  private constructor(
    readonly producer: mediasoup.Producer,
    private readonly options: PacedCameraOptions,
  ) {
    const { layerCount } = options;
    this.sent = layers.slice(0, layerCount).map((layer) => ({ ...layer, sequence: 0, isOn: true, needsKey: true }));
  }

  static async open(router: mediasoup.Router, options: PacedCameraOptions = {}): Promise<PacedCamera> {
    const transport = await router.createDirectTransport();
    const producer = await transport.produce({
      kind: 'video',
      rtpParameters: {
        codecs: [
          {
            mimeType: 'video/VP8',
            payloadType: 101,
            clockRate: 90_000,
            rtcpFeedback: [{ type: 'nack', parameter: 'pli' }],
          },
        ],
        encodings: layers.slice(0, options.layerCount).map(({ ssrc }) => ({ ssrc })),
        rtcp: { cname: 'camera' },
      },
    });
    const camera = new PacedCamera(producer, options);
    transport.on('rtcp', (packet) => camera.takeRtcp(packet));
    const startedAt = performance.now();
    let picture = 0;
    // As many as are due: timers are late on a busy machine.
    const timer = setInterval(() => {
      for (; picture * pictureMs <= performance.now() - startedAt; picture++) camera.sendPicture(picture);
    }, pictureMs / 4);
    producer.observer.once('close', () => clearInterval(timer));
    return camera;
  }

  /** Whether the highest layer is sent. */
  set hasHighLayer(isOn: boolean) {
    const high = this.sent[1]!;
    high.needsKey ||= isOn && !high.isOn;
    high.isOn = isOn;
  }

  private takeRtcp(packet: Uint8Array): void {
    // Payload-specific feedback, picture loss indication (RFC 4585 6.3.1).
    if ((packet[0]! & 0x1f) !== 1 || packet[1] !== 206) return;
    this.keyFrameRequests++;
    if (this.keyFrameRequests <= (this.options.unheard ?? 0)) return;
    for (const layer of this.sent) layer.needsKey = true;
  }

  private sendPicture(picture: number): void {
    for (const layer of this.sent) {
      if (!layer.isOn) continue;
      const payload = layer.needsKey ? keyFrame(layer) : Uint8Array.of(0x10, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      const packet = Buffer.alloc(12 + payload.length);
      packet.writeUInt8(0x80, 0);
      packet.writeUInt8(0x80 | 101, 1);
      packet.writeUInt16BE(layer.sequence++ & 0xffff, 2);
      packet.writeUInt32BE((picture * pictureMs * 90) >>> 0, 4);
      packet.writeUInt32BE(layer.ssrc, 8);
      packet.set(payload, 12);
      this.producer.send(packet);
      layer.needsKey = false;
    }
  }
}

type Layer = {
  ssrc: number;
  width: number;
  height: number;
  sequence: number;
  isOn: boolean;
  needsKey: boolean;
};

/** Payload descriptor (RFC 7741 4.2: first packet of a picture), frame tag, start code and size (RFC 6386 9.1). */
function keyFrame({ width, height }: Layer): Uint8Array {
  const payload = Buffer.from([0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0, 0, 0, 0, 0]);
  payload.writeUInt16LE(width, 7);
  payload.writeUInt16LE(height, 9);
  return payload;
}
