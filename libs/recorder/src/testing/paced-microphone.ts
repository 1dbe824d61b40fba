import type { types as mediasoup } from 'mediasoup';

/** 20 ms of Opus silence, as libopus makes it. */
const silence = Uint8Array.of(0xf8, 0xff, 0xfe);
const packetMs = 20;

/** A microphone that sends a packet every 20 ms into a router, without a browser. Closing its producer ends it. */
export async function openPacedMicrophone(router: mediasoup.Router): Promise<mediasoup.Producer> {
  const transport = await router.createDirectTransport();
  const ssrc = 4711;
  const producer = await transport.produce({
    kind: 'audio',
    rtpParameters: {
      codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 }],
      encodings: [{ ssrc }],
      rtcp: { cname: 'microphone' },
    },
  });
  let index = 0;
  const startedAt = performance.now();
  // As many as are due: timers are late on a busy machine.
  const timer = setInterval(() => {
    for (; index * packetMs <= performance.now() - startedAt; index++) {
      const packet = Buffer.alloc(12 + silence.length);
      packet.writeUInt8(0x80, 0);
      packet.writeUInt8(100, 1);
      packet.writeUInt16BE(index & 0xffff, 2);
      packet.writeUInt32BE((index * 960) >>> 0, 4);
      packet.writeUInt32BE(ssrc, 8);
      packet.set(silence, 12);
      producer.send(packet);
    }
  }, packetMs / 2);
  producer.observer.once('close', () => clearInterval(timer));
  return producer;
}
