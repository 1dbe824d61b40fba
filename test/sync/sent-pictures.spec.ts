import { expect, it } from 'vitest';
import { isCaptured, SentPictures } from './sent-pictures.ts';

const ssrc = 77;

function rtp(ticks: number, payloadType = 101): Buffer {
  const packet = Buffer.alloc(20);
  packet.writeUInt8(0x80, 0);
  packet.writeUInt8(payloadType, 1);
  packet.writeUInt32BE(ticks % 2 ** 32, 4);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

it('tells from what a sender sends when it captured each picture, however long each took to be encoded', () => {
  const sent = new SentPictures();
  const firstTicks = 2 ** 32 - 3000;
  const encodedAfterMs = [30, 8, 90, 15];
  for (const [index, afterMs] of encodedAfterMs.entries()) {
    const capturedMs = 5000 + index * 100;
    // In two packets, and around them what is no picture: RTCP, DTLS and STUN.
    sent.note(rtp(firstTicks + index * 9000), capturedMs + afterMs);
    sent.note(rtp(firstTicks + index * 9000), capturedMs + afterMs + 2);
    sent.note(rtp(index, 200 & 0x7f), capturedMs);
    sent.note(Buffer.from([22, 254, 253, ...new Array<number>(20).fill(0)]), capturedMs);
    sent.note(Buffer.from([0, 1]), capturedMs);
  }

  const captured = sent.capturedMs([ssrc, 78]);

  expect(captured.map(Math.round)).toEqual([5008, 5108, 5208, 5308]);
  expect(isCaptured(captured, 5080, 5180)).toBe(true);
  expect(isCaptured(captured, 5095, 5180)).toBe(false);
  expect(isCaptured(captured, 5010, 5100)).toBe(false);
});
