import type { CDPSession } from 'puppeteer-core';

/** How far the browser's frame clock starts ahead of the machine's, so that it never has to wait for it: eleven days. */
const leadMs = 1e9;
/** Time between two frames drawn for the same instant: nothing moves visibly in it. */
const instantMs = 0.001;
/** A frame that has not come by then never comes: the browser has lost it and draws no other. Milliseconds. */
const frameTimeoutMs = 10_000;

/**
 * Draws the page's frames at instants of our choosing. CSS animations and transitions follow this clock; scripts' clocks do not.
 * Frame times must rise and stay above the machine's monotonic clock.
 */
export class FrameStepper {
  private readonly baseMs = monotonicMs() + leadMs;
  private lastMs = 0;

  constructor(private readonly session: CDPSession) {}

  /** Draws at `timeMs` of the stage without reading the pixels. @returns whether anything on screen changed. */
  async tick(timeMs?: number): Promise<boolean> {
    const { hasDamage } = await this.begin(timeMs);
    return hasDamage;
  }

  /** Draws and reads the pixels. @returns a PNG. */
  async shoot(): Promise<Buffer> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const { screenshotData } = await this.begin(undefined, { format: 'png', optimizeForSpeed: true });
      if (screenshotData) return Buffer.from(screenshotData, 'base64');
    }
    throw new Error('the browser gave no picture');
  }

  private async begin(timeMs?: number, screenshot?: { format: 'png'; optimizeForSpeed: boolean }) {
    this.lastMs = Math.max(this.lastMs + instantMs, timeMs ?? 0);
    const frame = this.session.send('HeadlessExperimental.beginFrame', {
      frameTimeTicks: this.baseMs + this.lastMs,
      interval: 1000 / 60,
      ...(screenshot ? { screenshot } : {}),
    });
    frame.catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    const lost = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the browser lost a frame')), frameTimeoutMs);
    });
    return Promise.race([frame, lost]).finally(() => clearTimeout(timer));
  }
}

/** The clock that Chromium's frame times are measured against (CLOCK_MONOTONIC), in milliseconds. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
