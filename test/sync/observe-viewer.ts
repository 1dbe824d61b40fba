import type { Manifest, TrackId } from '@rushes/timeline';
import { launchViewerBrowser } from '../../scripts/demo/browser.ts';
import { quantile } from '../content/judge.ts';
import { onsets } from '../content/read-audio.ts';
import { flashArea, readStrip, strip } from '../content/signal.ts';
import type { Attendee } from './attendee.ts';
import { litThreshold, type Observation } from './observation.ts';
import type { Stage } from './stage.ts';
import type { Stretch } from './stretch.ts';
import { installViewerProbe, toneWorklet, type ProbeLog } from './viewer-probe.ts';

/** Between two levels of a tone. */
const levelMs = 2;

/** The page notes its clocks every 10 ms. When it comes to that later than this it stood still; milliseconds. */
const promptMs = 60;
/** A playing in which the page stood still for more than this share is not judged, but played again… */
export const muchStill = 0.02;
/** …at most so many times in all. */
const mostPlayings = 2;

export type ViewerObservation = {
  /** As the attendees. */
  observations: Observation[];
  /** Share of the time in which the page stood still: a machine too busy to play. */
  stillShare: number;
};

/**
 * Plays stretches of the recording in the product's viewer page, each in a Chromium of its own, and tells what it presented of each
 * attendee.
 *
 * What this can tell: which pictures Chromium handed to the screen and when it expected them there, and which sound its audio elements
 * gave out at that time. What it cannot: what a screen and a loudspeaker add. The sound is measured as it leaves the elements, led
 * through an AudioContext; an element that plays directly takes the loudspeaker's delay into account by itself, and that is Chromium's
 * affair and not seen here. A picture is timed to a refresh of the screen, 17 ms; a sound to one block of the context, about 10 ms.
 * On a machine that is busy with something else a page cannot play: the better of two playings counts, and how often it stood still.
 */
export async function observeViewer(
  stage: Stage,
  manifest: Manifest,
  { attendees, stretches }: { attendees: readonly Attendee[]; stretches: readonly Stretch[] },
): Promise<ViewerObservation> {
  const all: ViewerObservation = { observations: attendees.map(() => ({ pictures: [], beeps: [] })), stillShare: 0 };
  for (const stretch of stretches) {
    const { observations, stillShare } = await observeStretch(stage, manifest, { attendees, stretch });
    all.stillShare = Math.max(all.stillShare, stillShare);
    for (const [index, { pictures, beeps }] of observations.entries()) {
      all.observations[index]!.pictures.push(...pictures);
      all.observations[index]!.beeps.push(...beeps);
    }
  }
  return all;
}

async function observeStretch(
  stage: Stage,
  manifest: Manifest,
  { attendees, stretch }: { attendees: readonly Attendee[]; stretch: Stretch },
): Promise<ViewerObservation> {
  let best: ViewerObservation | undefined;
  for (let playing = 0; playing < mostPlayings && (best?.stillShare ?? 1) > muchStill; playing++) {
    const log = await play(stage, manifest, { attendees, stretch });
    const observations = attendees.map(({ trackIds }) => observe(log, new Set([...trackIds.audio, ...trackIds.video])));
    const stillShare = stillShareOf(log);
    if (!best || stillShare < best.stillShare) best = { observations, stillShare };
  }
  return best!;
}

async function play(
  stage: Stage,
  { recordingId }: Manifest,
  { attendees, stretch }: { attendees: readonly Attendee[]; stretch: Stretch },
): Promise<ProbeLog> {
  const token = await stage.api.issueToken({ scope: 'viewer', recordingId, canExport: false });
  const browser = await launchViewerBrowser();
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 800 });
    // The probe's worklet is none of the viewer's own scripts.
    await page.setBypassCSP(true);
    await page.evaluateOnNewDocument('globalThis.__name ??= (named) => named');
    const tones = Object.fromEntries(
      attendees.flatMap(({ trackIds, voice }) => trackIds.audio.map((trackId) => [trackId, voice.beepHz])),
    );
    await page.evaluateOnNewDocument(installViewerProbe, { strip, flashArea, tones, worklet: toneWorklet });
    await page.goto(`${stage.app.viewerUrl}/?recording=${recordingId}#token=${token}`);
    await page.waitForSelector('rushes-player');
    await page.evaluate(playStretch, stretch, stretch.toMs - stretch.fromMs + 60_000);
    return (await page.evaluate(() => rushesProbe))!;
  } finally {
    await browser.close();
  }
}

/** Runs in the page. */
async function playStretch({ fromMs, toMs }: { fromMs: number; toMs: number }, timeoutMs: number): Promise<void> {
  const player = document.querySelector<HTMLMediaElement>('rushes-player')!;
  const happens = (event: string) => new Promise((resolve) => player.addEventListener(event, resolve, { once: true }));
  if (player.readyState < 4) await happens('canplay');
  if (fromMs > 0) {
    const sought = happens('seeked');
    player.currentTime = fromMs / 1000;
    await sought;
  }
  const over = new Promise<true>((resolve) => {
    player.addEventListener('ended', () => resolve(true));
    player.addEventListener('timeupdate', () => player.currentTime * 1000 >= toMs && resolve(true));
  });
  await player.play();
  const timeout = new Promise<false>((resolve) => setTimeout(() => resolve(false), timeoutMs));
  if (!(await Promise.race([over, timeout]))) throw new Error(`the viewer stood at ${player.currentTime} s`);
}

function observe(log: ProbeLog, trackIds: ReadonlySet<TrackId>): Observation {
  /** Of the page's clock at the recording's zero, while the player ran at its own pace. */
  const zeroMs = quantile(
    log.clocks.map(({ atMs, playerMs }) => atMs - playerMs),
    0.5,
  );
  const pictures = log.pictures.filter(({ trackId }) => trackIds.has(trackId));
  const threshold = litThreshold(pictures.map(({ flash }) => flash));
  return {
    pictures: pictures.map(({ atMs, strip, flash }) => ({
      atMs: atMs - zeroMs,
      code: readStrip(strip),
      isLit: flash > threshold,
    })),
    beeps: [...trackIds].flatMap((trackId) => beepsOf(log, trackId)).map((atMs) => atMs - zeroMs),
  };
}

function stillShareOf({ clocks }: ProbeLog): number {
  const gaps = clocks.slice(1).map(({ atMs }, index) => atMs - clocks[index]!.atMs);
  const stillMs = gaps.reduce((sum, gap) => sum + (gap > promptMs ? gap : 0), 0);
  return stillMs / (clocks.at(-1)!.atMs - clocks[0]!.atMs);
}

/** On the page's clock. */
function beepsOf(log: ProbeLog, trackId: TrackId): number[] {
  const sounds = log.sounds.filter((sound) => sound.trackId === trackId);
  const levels = sounds.flatMap((sound) => sound.levels);
  const times = sounds.flatMap(({ contextMs, levels }) => levels.map((_, index) => contextMs + index * levelMs));
  return onsets(levels).map((index) => times[index]! + contextZeroAt(log, times[index]!));
}

/** What the page's clock is ahead of the context's, which moves in blocks: where it has just moved it is right. */
function contextZeroAt({ clocks }: ProbeLog, contextMs: number): number {
  const near = clocks.filter((clock) => Math.abs(clock.contextMs - contextMs) < 1000);
  return Math.min(...near.map((clock) => clock.atMs - clock.contextMs));
}
