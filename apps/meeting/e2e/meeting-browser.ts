import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';

const switches = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  // Machines whose only interface is the loopback.
  '--allow-loopback-in-peer-connection',
];

const fakeDevices = '--use-fake-device-for-media-stream';

/** A person's browser: Chromium with a made-up camera and microphone unless told otherwise, and a profile of its own. */
export class MeetingBrowser {
  private constructor(
    private readonly browser: Browser,
    private readonly profile: string,
  ) {}

  static async launch({ hasDevices = true } = {}): Promise<MeetingBrowser> {
    const profile = await mkdtemp(join(tmpdir(), 'rushes-chromium-'));
    const browser = await puppeteer.launch({
      executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
      userDataDir: profile,
      args: hasDevices ? [...switches, fakeDevices] : switches,
    });
    return new MeetingBrowser(browser, profile);
  }

  /** Opens a page; what it reports as errors is collected in `errors`. */
  async open(url: string, viewport = { width: 1280, height: 720 }): Promise<{ page: Page; errors: string[] }> {
    const page = await this.browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.setViewport(viewport);
    await page.goto(url);
    return { page, errors };
  }

  async close(): Promise<void> {
    await this.browser.close();
    await rm(this.profile, { recursive: true, force: true });
  }
}
