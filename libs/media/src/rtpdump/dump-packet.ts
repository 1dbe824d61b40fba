/**
 * One packet as it lies in an rtpdump file, byte for byte as it arrived.
 * `atMs` is its arrival in whole milliseconds, rounded down, after the file's `startedAt`. Files that Rushes writes
 * have the recording clock's zero there, so `atMs` is a time on the recording clock. The format (rtptools) has no finer
 * field; a millisecond is far below the jitter of any arrival, and sender times do not depend on it.
 */
export type DumpPacket = { kind: 'rtp' | 'rtcp'; atMs: number; data: Uint8Array };

/** The text line, then start (seconds, microseconds), address, port and padding. */
export const dumpFirstLine = '#!rtpplay1.0 127.0.0.1/5004\n';
export const binaryHeaderBytes = 16;
/** length, plen, offset before each packet. */
export const packetHeaderBytes = 8;
/** `length` has 16 bits and counts its own header. */
export const maxPacketBytes = 0xffff - packetHeaderBytes;
