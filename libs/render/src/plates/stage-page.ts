import type { CDPSession } from 'puppeteer-core';
import { FrameStepper } from '../browser/frame-stepper.ts';
import { HeadlessBrowser } from '../browser/headless-browser.ts';
import { RequestGate } from '../browser/request-gate.ts';
import type { RefusedRequest } from '../browser/request-gate.ts';
import { manifestUrl, stageOrigin, StageSite } from '../browser/stage-site.ts';
import type { RecordingObjects } from '../recording-objects.ts';
import { RenderError } from '../render-error.ts';
import { decodePng } from './decode-png.ts';
import type { RgbPicture } from './decode-png.ts';
import type { StageTile } from './placed-tile.ts';

export type StageOptions = { perspective: string; layout: string; width: number; height: number };
/** See page/stage-probe.ts. */
export type StageLook = { tiles: StageTile[]; animating: boolean; obstacles: string[] };
export type TileFill = Readonly<Record<string, string>>;

/** Rows below the stage that show which changes a frame has; two, since widths and heights are even everywhere. */
const stampRows = 2;
/** How many frames in a row may lack what the page was told. */
const staleTries = 50;
/** How long the page may take to show an instant. */
const stepTimeoutMs = 60_000;
/** How long an answer is waited for before frames are drawn meanwhile. */
const patienceMs = 1000;

/** The player's render page in a stepped browser: shows the stage at an instant and gives its pixels. */
export class StagePage {
  private readonly stepper: FrameStepper;
  private hasUnseenDamage = false;
  private isStepUnseen = false;
  /** The number that the page shows in the rows below the stage; 24 bits are enough for a week. */
  private stamp = 0;
  private readonly failed: Promise<never>;
  private fail: (cause: unknown) => void = () => undefined;
  /** Pictures read so far. */
  shots = 0;

  private constructor(
    private readonly browser: HeadlessBrowser,
    readonly site: StageSite,
    private readonly gate: RequestGate,
    private readonly session: CDPSession,
    failure: { promise: Promise<never>; fail: (cause: unknown) => void },
  ) {
    this.stepper = new FrameStepper(session);
    this.failed = failure.promise;
    this.fail = failure.fail;
  }

  /** @throws RenderError `browser-missing`, `page-failed`. */
  static async open(options: {
    objects: RecordingObjects;
    script: string | Promise<string>;
    stage: StageOptions;
    /** Gets requests that were not answered: something in the recording tried to reach outside. */
    refused: RefusedRequest[];
  }): Promise<StagePage> {
    const { objects, script, stage } = options;
    const { width, height } = stage;
    const site = new StageSite(script, objects);
    let fail: (cause: unknown) => void = () => undefined;
    const promise = new Promise<never>((_, reject) => (fail = reject));
    promise.catch(() => undefined);
    const browser = await HeadlessBrowser.open({ width, height: height + stampRows });
    browser.onExit(() => fail(new Error('the browser ended')));
    const gate = new RequestGate(site, options.refused, fail);
    const page = new StagePage(browser, site, gate, browser.session, { promise, fail });
    try {
      await page.navigate(stage);
      return page;
    } catch (cause) {
      await browser.close();
      throw toRenderError('the render page did not load the recording', cause);
    }
  }

  /** Shows the stage at `atMs`, its tiles filled. Draws nothing yet. @throws RenderError `page-failed`. */
  async step(atMs: number, fill: TileFill): Promise<StageLook> {
    try {
      this.isStepUnseen = true;
      return await this.call<StageLook>(`rushesProbe.step(${atMs}, ${JSON.stringify(fill)})`);
    } catch (cause) {
      throw toRenderError(`the render page could not show ${atMs} ms`, cause);
    }
  }

  /** How the stage lies now: animations may have moved tiles. */
  look(): Promise<StageLook> {
    return this.call<StageLook>('rushesProbe.look()');
  }

  async fill(fill: TileFill): Promise<void> {
    await this.call(`rushesProbe.fill(${JSON.stringify(fill)}, ${++this.stamp})`);
  }

  /** Shows pictures of the site in tiles; an empty URL takes one away. */
  async inject(urls: Readonly<Record<string, string>>): Promise<void> {
    await this.call(`rushesProbe.inject(${JSON.stringify(urls)})`);
  }

  /** Draws the frame at `timeMs` of the stage. @returns whether anything changed since pixels were last compared. */
  async draw(timeMs: number): Promise<boolean> {
    let hasDamage = (await this.frame(this.stepper.tick(timeMs))) || this.hasUnseenDamage;
    // On a busy machine a frame can be begun before the compositor has heard of the page's changes.
    for (
      let tries = 0;
      this.isStepUnseen && !hasDamage && !(await this.call<boolean>('rushesProbe.hasDrawn()'));
      tries++
    ) {
      if (tries === staleTries) throw new RenderError('page-failed', 'the browser does not draw what the page changed');
      hasDamage = await this.frame(this.stepper.tick());
    }
    this.isStepUnseen = this.hasUnseenDamage = false;
    return hasDamage;
  }

  /** Draws what `fill` changed, of no interest by itself. */
  async settle(): Promise<void> {
    for (let tries = 0; !(await this.frame(this.stepper.tick())); tries++) {
      if (tries === staleTries) throw new RenderError('page-failed', 'the browser does not draw what the page changed');
    }
    this.hasUnseenDamage = false;
  }

  /**
   * Reads the pixels, of a frame that shows everything that the page was told before: a stamp below the stage proves it.
   * @param options.fill colours that the tiles get before
   * @param options.spare a picture that is needed no more
   */
  async shoot(options: { fill?: TileFill; spare?: RgbPicture | undefined } = {}): Promise<RgbPicture> {
    const { fill, spare } = options;
    if (fill) await this.fill(fill);
    else await this.call(`rushesProbe.stamp(${++this.stamp})`);
    for (let tries = 0; tries <= staleTries; tries++) {
      const { width, height, data } = await decodePng(await this.frame(this.stepper.shoot()), spare);
      const at = (height - 1) * width * 3;
      const found = (data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!;
      if (found === this.stamp) {
        this.shots++;
        return { width, height: height - stampRows, data: data.subarray(0, (height - stampRows) * width * 3) };
      }
    }
    throw new RenderError('page-failed', 'the browser does not draw what the page changed');
  }

  close(): Promise<void> {
    this.fail(new Error('the render page was closed'));
    return this.browser.close();
  }

  private async navigate({ perspective, layout, width, height }: StageOptions): Promise<void> {
    await this.gate.guard(this.session);
    const loaded = new Promise<void>((resolve) => this.session.once('Page.loadEventFired', () => resolve()));
    await this.session.send('Page.navigate', { url: `${stageOrigin}/` });
    // A frame begun while the page is being exchanged is never finished.
    await this.orFailed(loaded);
    await this.call(`rushesStage.load(${JSON.stringify({ manifestUrl, perspective, layout, width, height })})`);
  }

  private async call<T = unknown>(expression: string): Promise<T> {
    const evaluated = this.session.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    const { result, exceptionDetails } = await this.whileDrawing(evaluated);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as T;
  }

  /**
   * Pages may wait for a frame (decoding images, loading fonts): when an answer takes long, frames are drawn meanwhile. Not at once:
   * a frame begun before the page is ready for any may never end.
   */
  private async whileDrawing<T>(answer: Promise<T>): Promise<T> {
    let isPending = true;
    const done = answer.finally(() => (isPending = false));
    done.catch(() => undefined);
    const giveUpAt = performance.now() + stepTimeoutMs;
    for (let waitMs = patienceMs; isPending; waitMs = 50) {
      let timer: NodeJS.Timeout | undefined;
      const pause = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)));
      await this.orFailed(Promise.race([done, pause])).finally(() => clearTimeout(timer));
      if (!isPending) break;
      if (performance.now() > giveUpAt) throw new Error(`no answer within ${stepTimeoutMs / 1000} s`);
      if (await this.orFailed(this.stepper.tick())) this.hasUnseenDamage = true;
    }
    return done;
  }

  private async frame<T>(work: Promise<T>): Promise<T> {
    try {
      return await this.orFailed(work);
    } catch (cause) {
      throw toRenderError('the browser drew no frame', cause);
    }
  }

  private orFailed<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.failed]);
  }
}

function toRenderError(message: string, cause: unknown): RenderError {
  if (cause instanceof RenderError) return cause;
  return new RenderError('page-failed', `${message}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
  });
}
