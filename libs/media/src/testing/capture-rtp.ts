import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { runFfmpegArgs } from '../ffmpeg/run-ffmpeg-args.ts';
import { parseRtp } from '../rtp/rtp-packet.ts';

/**
 * The RTP packets that ffmpeg makes of a media file's only stream, in order. For specs: its packetisers are what ours
 * is judged by. Fails when the loopback lost one.
 */
export async function captureRtp(file: string): Promise<Uint8Array[]> {
  const socket = createSocket('udp4');
  const packets: Uint8Array[] = [];
  socket.on('message', (message) => {
    if (parseRtp(message)) packets.push(new Uint8Array(message));
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  try {
    const url = `rtp://127.0.0.1:${socket.address().port}?pkt_size=1200`;
    await runFfmpegArgs(['-readrate', '10', '-i', file, '-c', 'copy', '-strict', '-2', '-f', 'rtp', url]);
    // The socket's queue is read after ffmpeg's end: a datagram of our own is behind all of ffmpeg's.
    const marker = once(socket, 'message');
    socket.send(new Uint8Array(1), socket.address().port, '127.0.0.1');
    await marker;
  } finally {
    socket.close();
  }
  const numbers = packets.map((packet) => parseRtp(packet)!.sequenceNumber);
  const isWhole = numbers.every((number, index) => index === 0 || number === ((numbers[index - 1]! + 1) & 0xffff));
  if (!isWhole) throw new Error('the loopback lost packets');
  return packets;
}
