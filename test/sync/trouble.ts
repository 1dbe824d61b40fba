import { seededRandom } from '../../libs/media/src/testing/fake-track.ts';

/** What a network does to the packets of one direction. */
export type Trouble = {
  /** Share of packets that never arrive, 0 to 1. */
  loss?: number;
  /** One-way delay that every packet has. */
  delayMs?: number;
  /**
   * Further delay that wanders between 0 and this, a new aim every {@link wanderMs}: as a queue does that others fill and empty.
   * It keeps packets in order.
   */
  jitterMs?: number;
  /** Share of packets that overtake those before them: they wait for nobody. */
  reorder?: number;
  /** Share of packets that come twice. */
  duplicate?: number;
  /** Bits per second that go through; what waits longer than {@link queueMs} is dropped. */
  rateBps?: number;
};

/** When a packet goes on, milliseconds on the clock of `atMs`; empty: never; twice: it was doubled. */
export type Fate = readonly number[];

/** How long the jitter takes from one aim to the next. */
const wanderMs = 200;
/** What a narrow link lets wait. */
const queueMs = 300;

/**
 * Decides over the packets of one direction, in the order in which they come. The same seed, times and sizes give the same fates.
 */
export function troubled(trouble: Trouble, seed: number): (atMs: number, sizeBytes: number) => Fate {
  const { loss = 0, delayMs = 0, jitterMs = 0, reorder = 0, duplicate = 0, rateBps = Infinity } = trouble;
  const random = seededRandom(seed);
  let lastMs = -Infinity;
  let linkFreeMs = -Infinity;
  return (atMs, sizeBytes) => {
    // Always four: what one kind of trouble draws must not move the others.
    const [losing, overtaking, doubling, hurrying] = [random(), random(), random(), random()];
    if (losing < loss) return [];
    const startMs = Math.max(atMs, linkFreeMs);
    if (startMs - atMs > queueMs) return [];
    linkFreeMs = startMs + (sizeBytes * 8000) / rateBps;
    const isFirst = overtaking < reorder;
    const wandering = isFirst ? hurrying * 0.2 * jitterMs : jitterMs * jitterAt(atMs, seed);
    let leavesMs = linkFreeMs + delayMs + wandering;
    if (!isFirst) lastMs = leavesMs = Math.max(leavesMs, lastMs);
    return doubling < duplicate ? [leavesMs, leavesMs] : [leavesMs];
  };
}

/** 0 to 1. */
function jitterAt(atMs: number, seed: number): number {
  const step = Math.floor(atMs / wanderMs);
  const part = atMs / wanderMs - step;
  const aim = (index: number): number => seededRandom(seed * 7919 + index)();
  return aim(step) * (1 - part) + aim(step + 1) * part;
}
