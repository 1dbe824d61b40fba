import { describe, expect, it } from 'vitest';
import { KeyFramePolicy } from './key-frame-policy.ts';

/**
 * Times at which a key frame is asked for; a packet every 20 ms, numbers by `numberOf` (undefined: it does not come). A key frame comes
 * right after each request, but for the first `unheard`.
 */
function requests(lastMs: number, numberOf: (index: number) => number | undefined, unheard = 0): number[] {
  const policy = new KeyFramePolicy(10_000, 0);
  const asked: number[] = [];
  let answered = 0;
  for (let index = 0; index * 20 <= lastMs; index++) {
    const number = numberOf(index);
    const isKey = (): boolean => {
      const hasKey = asked.length + 1 > Math.max(answered, unheard);
      if (hasKey) answered = asked.length + 1;
      return hasKey;
    };
    const packet = number === undefined ? undefined : { ssrc: 1, sequenceNumber: number & 0xffff };
    const isAsked = packet !== undefined && policy.shouldRequest(packet, index * 20, isKey);
    if (isAsked || (index % 10 === 0 && policy.shouldRepeat(index * 20))) asked.push(index * 20);
  }
  return asked;
}

describe('KeyFramePolicy', () => {
  it('asks every ten seconds while nothing is lost', () => {
    expect(requests(21_000, (index) => 65_500 + index)).toEqual([10_000, 20_000]);
  });

  it('asks after a loss that nothing repaired, once', () => {
    expect(requests(5000, (index) => (index === 100 ? undefined : index))).toEqual([2420]);
  });

  it('does not ask when the missing packet comes late', () => {
    expect(requests(5000, (index) => (index === 100 ? 101 : index === 101 ? 100 : index))).toEqual([]);
  });

  it('asks at most once a second, however much is lost', () => {
    const asked = requests(6000, (index) => (index % 10 === 5 ? undefined : index));
    expect(asked.every((atMs, index) => index === 0 || atMs - asked[index - 1]! >= 1000)).toBe(true);
    expect(asked.length).toBeGreaterThan(3);
  });

  it('asks again every second until a key frame comes, also while nothing comes at all', () => {
    expect(requests(8000, (index) => index, 3)).toEqual([1000, 2000, 3000]);
    expect(requests(3500, () => undefined, 9)).toEqual([1000, 2000, 3000]);
  });

  it('does not take the numbers of another layer for a loss, and sees one there too', () => {
    const policy = new KeyFramePolicy(10_000, 0);
    const asked: number[] = [];
    for (let index = 0; index < 300; index++) {
      // The second layer counts from far behind; its hundredth packet is lost.
      const packet = index < 100 ? { ssrc: 1, sequenceNumber: 40_000 + index } : { ssrc: 2, sequenceNumber: index };
      if (index !== 200 && policy.shouldRequest(packet, index * 20, () => true)) asked.push(index * 20);
    }
    expect(asked).toEqual([4420]);
  });
});
