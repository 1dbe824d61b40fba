/**
 * What a sender's picture codes and beeps say: instants of its media clock, milliseconds since its zero. A beep begins with every
 * second of it.
 */
export type MediaClock = {
  /** Codes begin again after this much. */
  periodMs: number;
  /** What one step of a picture's code is worth. */
  msPerCode: number;
  /** Epoch milliseconds at which this instant was captured. */
  capturedAt(clockMs: number): number;
  /** The instant that was captured then. */
  clockMsAt(epochMs: number): number;
};

/** The instant that `code` means: of all that look the same the one nearest to what was captured at `epochMs`. */
export function instantOf(clock: MediaClock, code: number, epochMs: number): number {
  const looksLike = code * clock.msPerCode;
  return looksLike + clock.periodMs * Math.round((clock.clockMsAt(epochMs) - looksLike) / clock.periodMs);
}
