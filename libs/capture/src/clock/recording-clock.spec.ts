import { describe, expect, it } from 'vitest';
import { RecordingClock } from './recording-clock.ts';

/** A sample taken at page time `atMs` when the recording clock is `offsetMs` ahead, with unequal ways there and back. */
function sample(atMs: number, offsetMs: number, thereMs: number, backMs: number) {
  return { sentMs: atMs, receivedMs: atMs + thereMs + backMs, recordingMs: atMs + thereMs + offsetMs };
}

describe('RecordingClock', () => {
  it('believes the sample with the shortest round trip', () => {
    const clock = new RecordingClock();
    clock.add(sample(0, 5000, 2, 2));
    clock.add(sample(100, 5000, 300, 10));
    expect(clock.at(1000)).toBe(6000);
    expect(clock.uncertaintyMs).toBe(2);
  });

  it('moves towards a better sample slowly, and only forwards', () => {
    const clock = new RecordingClock();
    clock.add(sample(0, 5000, 0, 100));
    expect(clock.at(100)).toBe(5050);
    clock.add(sample(100, 5000, 1, 1));
    const seen = Array.from({ length: 200 }, (_, index) => clock.at(102 + index * 100));
    expect(seen.every((ms, index) => index === 0 || ms >= seen[index - 1]!)).toBe(true);
    expect(seen[0]).toBe(5052);
    expect(seen.at(-1)).toBe(102 + 199 * 100 + 5000);
  });

  it('steps when the page slept', () => {
    const clock = new RecordingClock();
    clock.add(sample(0, 5000, 1, 1));
    clock.add(sample(1000, 65_000, 1, 1));
    expect(clock.at(1002)).toBe(66_002);
  });

  it('says so when it is asked before any sample', () => {
    expect(() => new RecordingClock().at(0)).toThrow('not known yet');
  });
});
