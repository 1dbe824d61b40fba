/**
 * The test signal that fake cameras and microphones carry, so that a recording can be judged by its content:
 * each frame shows its own number as a strip of black and white cells, each second begins with a white flash and a beep.
 * Everything else in the picture has one strong colour, by which a participant's tile is found in a mixed picture.
 */
export const signal = {
  fps: 30,
  width: 640,
  height: 360,
  /** How long the flash and the beep last at the start of each second, in milliseconds. */
  pulseMs: 100,
  sampleRateHz: 48_000,
  /** Length of the files, which fake devices play over and over. */
  fileSeconds: 120,
} as const;

/** The strip's cells from left to right: white, black, 16 bits (highest first), parity (even), white. */
export const strip = {
  cells: 20,
  bits: 16,
  /** Vertical place in the picture, as fractions of its height: clear of labels at the bottom and badges at the top. */
  top: 0.3,
  bottom: 0.42,
} as const;

/** Where the flash is read, as fractions of the height. */
export const flashArea = { top: 0.5, bottom: 0.75 } as const;

export type Voice = {
  /** The picture's colour. */
  rgb: readonly [number, number, number];
  beepHz: number;
};

/** Colours far from each other and from a user interface; tones without common harmonics. */
export const voices: readonly [Voice, Voice, Voice, Voice] = [
  { rgb: [150, 0, 150], beepHz: 700 },
  { rgb: [0, 135, 135], beepHz: 1100 },
  { rgb: [140, 110, 0], beepHz: 1700 },
  { rgb: [150, 60, 40], beepHz: 2300 },
];

/** Whether cell `index` of the strip for `frame` is white. */
export function isCellWhite(frame: number, index: number): boolean {
  if (index === 0 || index === strip.cells - 1) return true;
  if (index === 1) return false;
  if (index === strip.cells - 2) return parity(frame) === 1;
  return ((frame >> (strip.bits - 1 - (index - 2))) & 1) === 1;
}

/**
 * The frame number that a row of cell brightnesses (0 to 255, left to right) shows; undefined when it is no strip
 * (too little contrast, frame marks or parity wrong).
 */
export function readStrip(brightness: readonly number[]): number | undefined {
  const lowest = Math.min(...brightness);
  const highest = Math.max(...brightness);
  if (brightness.length !== strip.cells || highest - lowest < 80) return undefined;
  const white = brightness.map((value) => value > (lowest + highest) / 2);
  if (!white[0] || white[1] || !white[strip.cells - 1]) return undefined;
  let frame = 0;
  for (let index = 2; index < 2 + strip.bits; index++) frame = frame * 2 + (white[index] ? 1 : 0);
  return white[strip.cells - 2] === (parity(frame) === 1) ? frame : undefined;
}

function parity(value: number): number {
  let odd = 0;
  for (let rest = value; rest > 0; rest >>= 1) odd ^= rest & 1;
  return odd;
}
