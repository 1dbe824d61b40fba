import { describe, expect, it } from 'vitest';
import { decodeDump, DumpParser, readDump } from './dump-parser.ts';
import type { DumpPacket } from './dump-packet.ts';
import { encodeDumpHeader, encodeDumpPacket } from './encode-dump.ts';

const startedAt = 1_780_000_000_123;
const packets: DumpPacket[] = [
  { kind: 'rtp', atMs: 0, data: Uint8Array.of(0x80, 96, 0, 1, 2, 3) },
  { kind: 'rtcp', atMs: 20, data: Uint8Array.of(0x80, 200, 0, 0) },
  { kind: 'rtp', atMs: 4_000_000_000, data: new Uint8Array(1400).fill(7) },
];
const file = Buffer.concat([encodeDumpHeader(startedAt), ...packets.map(encodeDumpPacket)]);

describe('rtpdump', () => {
  it('gives back what was written', () => {
    const { tornBytes, intactBytes, ...read } = decodeDump(file);
    expect(read.startedAt).toBe(startedAt);
    expect(read.packets.map((packet) => ({ ...packet, data: new Uint8Array(packet.data) }))).toEqual(packets);
    expect([intactBytes, tornBytes]).toEqual([file.length, 0]);
  });

  it('is laid out as rtptools lays it out', () => {
    const afterLine = file.indexOf(0x0a) + 1;
    expect(file.subarray(0, afterLine).toString()).toMatch(/^#!rtpplay1\.0 [\d.]+\/\d+\n$/);
    expect(file.readUInt32BE(afterLine)).toBe(Math.floor(startedAt / 1000));
    expect(file.readUInt32BE(afterLine + 4)).toBe(123_000);
    // Length with its own header, length of the packet (0 for RTCP), offset.
    expect([file.readUInt16BE(afterLine + 16), file.readUInt16BE(afterLine + 18)]).toEqual([14, 6]);
    expect([file.readUInt16BE(afterLine + 30), file.readUInt16BE(afterLine + 32)]).toEqual([12, 0]);
  });

  it('cuts a torn last packet, wherever it is torn', () => {
    const beforeLast = file.length - encodeDumpPacket(packets[2]!).length;
    for (let length = beforeLast + 1; length < file.length; length += 97) {
      const { packets: read, intactBytes, tornBytes } = decodeDump(file.subarray(0, length));
      expect(read).toHaveLength(2);
      expect([intactBytes, tornBytes]).toEqual([beforeLast, length - beforeLast]);
    }
  });

  it('takes zeros at the end, as a lost disk cache leaves them, for torn', () => {
    const { packets: read, tornBytes } = decodeDump(Buffer.concat([file, Buffer.alloc(64)]));
    expect(read).toHaveLength(3);
    expect(tornBytes).toBe(64);
  });

  it('only counts what comes after something that is no packet', () => {
    const parser = new DumpParser();
    parser.push(file);
    for (let part = 0; part < 3; part++) expect(parser.push(Buffer.concat([Buffer.alloc(64), file]))).toEqual([]);
    expect(parser).toMatchObject({ isTorn: true, intactBytes: file.length, tornBytes: 3 * (64 + file.length) });
  });

  it('reads nothing from a file whose header is torn', () => {
    expect(decodeDump(file.subarray(0, 20))).toMatchObject({ packets: [], intactBytes: 0, startedAt: undefined });
  });

  it('reads a file that comes in parts of any size', async () => {
    const parser = new DumpParser();
    const read: DumpPacket[] = [];
    for (let at = 0; at < file.length; at += 5) read.push(...parser.push(file.subarray(at, at + 5)));
    expect(read.map(({ atMs }) => atMs)).toEqual(packets.map(({ atMs }) => atMs));

    async function* parts(): AsyncGenerator<Uint8Array> {
      yield file.subarray(0, 100);
      yield file.subarray(100);
    }
    const streamed: number[] = [];
    for await (const { atMs } of readDump(parts())) streamed.push(atMs);
    expect(streamed).toEqual(packets.map(({ atMs }) => atMs));
  });

  it('says what it expected when the file is something else', () => {
    expect(() => decodeDump(Buffer.from('RIFF....WAVEfmt \n'))).toThrow('expected the first line "#!rtpplay1.0');
    expect(() => decodeDump(Buffer.alloc(1000, 1))).toThrow(expect.objectContaining({ code: 'rtpdump-unreadable' }));
  });
});
