import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, ElementHandle, Page } from 'puppeteer-core';
import { cameraMoments, watchCamera, type CameraMoment } from '../../test/content/camera-log.ts';
import { watchMicrophone } from '../../test/content/microphone-log.ts';
import { strip, type Voice } from '../../test/content/signal.ts';
import { launchParticipantBrowser } from './browser.ts';
import type { FakeDevices } from './media-files.ts';

export type JoinOptions = { name: string; link: string; devices: FakeDevices; voice: Voice };

/** How long the page may take to show what was asked of it. */
const patience = { timeout: 15_000 };

/** A person in the meeting: a browser of one's own, and the page's buttons. */
export class Participant {
  private constructor(
    readonly name: string,
    readonly voice: Voice,
    readonly browser: Browser,
    readonly page: Page,
    /** What the page reported as errors. */
    readonly errors: string[],
  ) {}

  static async join({ name, link, devices, voice }: JoinOptions): Promise<Participant> {
    const browser = await launchParticipantBrowser(devices);
    try {
      const page = await browser.newPage();
      await page.setViewport({ width: 1280, height: 720 });
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      // What tsx puts around named functions, also around those that run in the page.
      await page.evaluateOnNewDocument('globalThis.__name ??= (named) => named');
      await page.evaluateOnNewDocument(watchCamera, strip);
      await page.evaluateOnNewDocument(watchMicrophone);
      await page.goto(link);
      const participant = new Participant(name, voice, browser, page, errors);
      await participant.enter();
      return participant;
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  get participantId(): Promise<string> {
    return this.page.evaluate(() => rushesMeeting!.readView().me!.participantId);
  }

  /** What this person's camera showed when, five times a second since the page was opened. */
  async cameraMoments(): Promise<CameraMoment[]> {
    const [frames, beeps] = await this.page.evaluate(() => [rushesCameraLog ?? [], rushesMicrophoneLog] as const);
    return cameraMoments(frames, beeps);
  }

  /** Resolves when the pictures of `others` other people move on this page. */
  async whenSeeing(others: number): Promise<void> {
    await this.page.waitForFunction(
      (count) =>
        [...document.querySelectorAll<HTMLVideoElement>('video[data-rushes-track]')].filter(
          (video) => video.readyState >= 2 && video.currentTime > 0 && video.videoWidth > 0,
        ).length > count,
      patience,
      others,
    );
  }

  async startRecording(): Promise<string> {
    await this.click('toggle-recording');
    const found = await this.page.waitForFunction(() => rushesMeeting!.readView().recording?.recordingId, patience);
    return (await found.jsonValue())!;
  }

  async stopRecording(): Promise<void> {
    await this.click('toggle-recording');
    await this.page.waitForFunction(() => rushesMeeting!.readView().recording === null, patience);
  }

  async chat(text: string): Promise<void> {
    await this.showPanel('chat');
    await (await this.find('chat-input')).type(text);
    await this.click('chat-send');
  }

  async openPoll(question: string, options: readonly string[]): Promise<void> {
    await this.showPanel('polls');
    if (!(await this.page.$('[data-testid="poll-question"]'))) await this.click('poll-new');
    await (await this.find('poll-question')).type(question);
    for (const [index, text] of options.entries()) await (await this.find(`poll-option-${index}`)).type(text);
    await this.click('poll-open');
  }

  async vote(text: string): Promise<void> {
    await this.showPanel('polls');
    const option = await this.page.waitForSelector(`::-p-xpath(//button[.//*[text()='${text}']])`, patience);
    await option!.click();
  }

  async closePoll(): Promise<void> {
    await this.showPanel('polls');
    await this.click('poll-close');
    await this.showPanel('chat');
  }

  /** Draws one stroke with the pointer; points in 0..1 of the board. */
  async draw(points: readonly (readonly [number, number])[]): Promise<void> {
    if (!(await this.page.$('[data-testid="board-surface"]'))) await this.click('toggle-whiteboard');
    const surface = await this.find('board-surface');
    const box = (await surface.boundingBox())!;
    const { mouse } = this.page;
    for (const [index, [x, y]] of points.entries()) {
      await mouse.move(box.x + x * box.width, box.y + y * box.height);
      if (index === 0) await mouse.down();
    }
    await mouse.up();
    await this.click('toggle-whiteboard');
  }

  raiseHand = (): Promise<void> => this.click('toggle-hand');
  lowerHand = (): Promise<void> => this.click('toggle-hand');
  mute = (): Promise<void> => this.click('toggle-microphone');
  unmute = (): Promise<void> => this.click('toggle-microphone');

  async react(emoji: string): Promise<void> {
    await this.click('open-reactions');
    await this.click(`react-${emoji}`);
  }

  async shareScreen(): Promise<void> {
    await this.click('toggle-screen');
    await this.page.waitForFunction(() => rushesMeeting!.readView().ownTracks.screen !== undefined, patience);
  }

  async stopSharing(): Promise<void> {
    await this.click('toggle-screen');
  }

  async leave(): Promise<void> {
    await this.click('leave');
    await this.find('rejoin');
  }

  async rejoin(): Promise<void> {
    await this.click('rejoin');
    await this.page.waitForFunction(() => rushesMeeting!.readView().phase === 'in-meeting', patience);
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  private async enter(): Promise<void> {
    const name = await this.find('join-name');
    await name.evaluate((element) => (element as HTMLInputElement).select());
    await name.type(this.name);
    await this.page.waitForFunction(() => rushesMeeting!.readView().camera !== 'opening', patience);
    await this.click('join-button');
    await this.page.waitForFunction(() => rushesMeeting!.readView().phase === 'in-meeting', patience);
  }

  private async showPanel(panel: 'chat' | 'polls'): Promise<void> {
    const shown = await this.page.evaluate(() => rushesMeeting!.readView().panel);
    if (shown !== panel) await this.click(`toggle-${panel}`);
  }

  private async click(testId: string): Promise<void> {
    await (await this.find(testId)).click();
  }

  private async find(testId: string): Promise<ElementHandle> {
    try {
      return (await this.page.waitForSelector(`[data-testid="${testId}"]`, { ...patience, visible: true }))!;
    } catch (cause) {
      const picture = join(tmpdir(), `rushes-${this.name}-${testId}.png`);
      await this.page.screenshot({ path: picture });
      throw new Error(`${this.name}'s page did not show "${testId}"; see ${picture}`, { cause });
    }
  }
}
