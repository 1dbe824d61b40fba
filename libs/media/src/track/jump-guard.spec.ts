import { describe, expect, it } from 'vitest';
import { JumpGuard } from './jump-guard.ts';

type Packet = { sequence: number; atMs: number; timestamp?: number };

/** Sound of 20 ms a packet: what is admitted of it, by sequence number; a jump is marked. */
function admitted(packets: readonly Packet[]): (number | 'jump')[] {
  const guard = new JumpGuard(48_000);
  const found: (number | 'jump')[] = [];
  for (const { sequence, atMs, timestamp = sequence * 960 } of packets) {
    const payload = new Uint8Array(1);
    const numbers = { sequenceNumber: sequence & 0xffff, timestamp: timestamp >>> 0, ssrc: 1 };
    const { packets: taken, isJump } = guard.push({
      packet: { marker: false, payloadType: 111, payload, ...numbers },
      atMs,
    });
    if (isJump) found.push('jump');
    found.push(...taken.map(({ packet }) => packet.sequenceNumber));
  }
  return [...found, ...guard.flush().map(({ packet }) => packet.sequenceNumber)];
}
const run = (from: number, count: number, atMs: number): Packet[] =>
  Array.from({ length: count }, (_, n) => ({ sequence: from + n, atMs: atMs + n * 20 }));

describe('JumpGuard', () => {
  it('lets a stream pass as it is: in disorder, over wrapped counters, with losses', () => {
    const packets = [...run(65_530, 10, 0), ...run(65_560, 3, 600)].filter((_, index) => index !== 4);
    [packets[6], packets[7]] = [packets[7]!, packets[6]!];
    expect(admitted(packets)).toEqual(packets.map(({ sequence }) => sequence & 0xffff));
  });

  it('leaves out a packet that follows nothing, also the first', () => {
    const wild = { sequence: 3, atMs: 50, timestamp: 0x7000_0000 };
    expect(admitted([wild, ...run(0, 2, 0), wild, ...run(2, 2, 40)])).toEqual([0, 1, 2, 3]);
    expect(admitted([...run(0, 2, 0), { sequence: 40_000, atMs: 40 }, ...run(3, 1, 60)])).toEqual([0, 1, 3]);
  });

  it('goes along with counters that jump for good', () => {
    const jumped = run(0, 3, 60).map((packet) => ({ ...packet, sequence: packet.sequence + 30_000 }));
    expect(admitted([...run(0, 3, 0), ...jumped])).toEqual([0, 1, 2, 'jump', 30_000, 30_001, 30_002]);
  });

  it('takes whatever comes after a long silence, one packet at a time if need be', () => {
    const sparse = [0, 15_000, 30_000, 60_000].map((atMs, n) => ({ sequence: n * 9000, atMs }));
    expect(admitted(sparse)).toEqual([0, 9000, 18_000, 27_000]);
  });

  it('does not take a damaged time of arrival for a silence', () => {
    const wild = { sequence: 3, atMs: 3_000_000_000 };
    expect(admitted([...run(0, 3, 0), wild, ...run(4, 2, 80)])).toEqual([0, 1, 2, 4, 5]);
    expect(admitted([...run(0, 3, 0), wild])).toEqual([0, 1, 2]);
  });

  it('knows a stream of a single packet', () => {
    expect(admitted(run(7, 1, 0))).toEqual([7]);
  });
});
