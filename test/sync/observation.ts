/** What was shown and heard of one attendee, on the recording clock as the medium has it. */
export type Observation = {
  pictures: ShownPicture[];
  /** When beeps begin, milliseconds. */
  beeps: number[];
};

export type ShownPicture = {
  atMs: number;
  /** As read from the picture's strip; undefined when none can be read. */
  code: number | undefined;
  isLit: boolean;
};

/** Flash areas brighter than halfway between the usual and the brightest are lit. */
export function litThreshold(flashes: readonly number[]): number {
  const values = [...flashes].sort((a, b) => a - b);
  const dark = values[Math.floor(values.length / 2)] ?? 0;
  const bright = values.at(-1) ?? 0;
  return bright - dark < 60 ? Infinity : (dark + bright) / 2;
}
