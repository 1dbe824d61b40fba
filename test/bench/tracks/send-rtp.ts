import { createSocket } from 'node:dgram';

/**
 * A process that sends one VP8 stream of 1 Mbit/s to each UDP port that it is given, until it is killed. Every packet is
 * a whole key frame, so that nobody has to wait for one. SSRCs count from 1000.
 */
const ports = process.argv.slice(2).map(Number);
const packetsPerSecond = 104;
// A picture of zeros: small, but one that a demuxer can read.
const payload = Buffer.alloc(1190);
Buffer.from([0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]).copy(payload);

const socket = createSocket('udp4');
const startedAt = performance.now();
let sent = 0;
setInterval(() => {
  for (; sent < ((performance.now() - startedAt) / 1000) * packetsPerSecond; sent++) {
    ports.forEach((port, index) => {
      const packet = Buffer.alloc(12 + payload.length);
      packet.writeUInt8(0x80, 0);
      packet.writeUInt8(0x80 | 101, 1);
      packet.writeUInt16BE(sent & 0xffff, 2);
      packet.writeUInt32BE(Math.floor((sent * 90_000) / packetsPerSecond) >>> 0, 4);
      packet.writeUInt32BE(1000 + index, 8);
      payload.copy(packet, 12);
      socket.send(packet, port, '127.0.0.1');
    });
  }
}, 5);
