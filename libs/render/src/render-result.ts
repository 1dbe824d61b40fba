/** One promise of the MP4 and whether the file keeps it. */
export type VerificationCheck = { check: string; ok: boolean; found: string };

/** What an export made, as it stands in the exports row. */
export type RenderResult = {
  durationMs: number;
  frames: number;
  sizeBytes: number;
  /** Seconds the rendering took, without waiting for a free renderer. */
  renderSeconds: number;
  /** Length of the result over the time taken: 4 is four times faster than watching it. */
  speed: number;
  /** How the picture came about. `injectedFrames` were painted by the browser, one by one. */
  picture: { plates: number; shots: number; segments: number; chunks: number; injectedFrames: number };
  /** What the file shows differently from the page, in plain words; empty when nothing. */
  warnings: string[];
  verification: VerificationCheck[];
};
