import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DumpParser, type DumpPacket } from '@rushes/media';

export type PacketsScan = {
  /** Epoch milliseconds that the packets' `atMs` count from; 0 when the file does not know. */
  startedAt: number;
  /** Arrival of the first and last RTP packet, by the file's own clock. */
  firstMs: number;
  lastMs: number;
  packetCount: number;
  /** What could not be read, and where it begins. */
  torn: { fromByte: number; sizeBytes: number } | undefined;
};

/** An rtpdump file holds packets of several payload types, or none. */
export class PacketsError extends Error {
  readonly retriable = false;
  readonly code = 'packets-unusable';
}

/**
 * An rtpdump file's RTP packets of one payload type, and its RTCP packets, with their `atMs` as in the file.
 * @throws MediaError `rtpdump-unreadable`
 */
export async function* readPackets(
  path: string,
  payloadType: number | undefined,
): AsyncGenerator<DumpPacket, void, undefined> {
  for await (const { packet } of readAll(path)) {
    if (packet.kind === 'rtcp' || payloadType === undefined || payloadTypeOf(packet) === payloadType) yield packet;
  }
}

/** Reads the file once. @throws MediaError `rtpdump-unreadable`; PacketsError */
export async function scanPackets(path: string, payloadType: number | undefined): Promise<PacketsScan> {
  const counts = new Map<number, number>();
  let scan: PacketsScan | undefined;
  const parser = new DumpParser();
  for await (const { packet, startedAt } of readAll(path, parser)) {
    if (packet.kind === 'rtcp') continue;
    const type = payloadTypeOf(packet);
    counts.set(type, (counts.get(type) ?? 0) + 1);
    if (payloadType !== undefined && type !== payloadType) continue;
    scan ??= { startedAt, firstMs: packet.atMs, lastMs: packet.atMs, packetCount: 0, torn: undefined };
    scan.packetCount++;
    scan.lastMs = Math.max(scan.lastMs, packet.atMs);
  }
  const types = [...counts.keys()].sort((a, b) => a - b).join(', ');
  if (payloadType === undefined && counts.size > 1) {
    throw new PacketsError(`rtp.payloadType: expected one of ${types}, since the file holds packets of all of them`);
  }
  const sizeBytes = (await stat(path)).size - parser.intactBytes;
  const torn = sizeBytes > 0 ? { fromByte: parser.intactBytes, sizeBytes } : undefined;
  if (scan) return { ...scan, torn };
  throw new PacketsError(
    counts.size === 0 ? 'expected RTP packets, the file holds none' : `rtp.payloadType: expected one of ${types}`,
  );
}

/** Ends where the file does, or where it goes on with what is no packet. */
async function* readAll(
  path: string,
  parser = new DumpParser(),
): AsyncGenerator<{ packet: DumpPacket; startedAt: number }, void, undefined> {
  for await (const part of createReadStream(path) as AsyncIterable<Buffer>) {
    for (const packet of parser.push(part)) {
      if (packet.data.length < 8) continue;
      yield { packet: { ...packet, kind: kindOf(packet) }, startedAt: parser.startedAt ?? 0 };
    }
    if (parser.isTorn) return;
  }
}

/** RFC 5761 4: not every tool that writes such files marks RTCP packets. */
function kindOf({ kind, data }: DumpPacket): DumpPacket['kind'] {
  return kind === 'rtcp' || (data[1]! >= 192 && data[1]! <= 223) ? 'rtcp' : 'rtp';
}

function payloadTypeOf({ data }: DumpPacket): number {
  return data[1]! & 0x7f;
}
