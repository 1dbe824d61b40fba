import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import type { Browser, CDPSession } from 'puppeteer-core';
import { RenderError } from '../render-error.ts';
import { findHeadlessShell } from './find-headless-shell.ts';

const flags = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  // Fewer processes: 60 MB less.
  '--no-zygote',
  '--in-process-gpu',
  '--renderer-process-limit=1',
  '--hide-scrollbars',
  '--mute-audio',
  // One frame when it is asked for, complete, with everything in it rastered: the parts of --deterministic-mode.
  '--enable-begin-frame-control',
  '--run-all-compositor-stages-before-draw',
  '--disable-new-content-rendering-timeout',
  '--disable-threaded-animation',
  '--disable-threaded-scrolling',
  '--disable-checker-imaging',
  '--disable-image-animation-resync',
  // The same pixels on every machine; grey antialiasing, since subpixel text has no single alpha.
  '--force-color-profile=srgb',
  '--force-device-scale-factor=1',
  '--font-render-hinting=none',
  '--disable-lcd-text',
  // What is not answered by the request gate has no name and only a dead way out, loopback included.
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--proxy-server=http://127.0.0.1:9',
  '--proxy-bypass-list=<-loopback>',
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--force-webrtc-ip-handling-policy',
  '--dns-prefetch-disable',
];

/** An answer that takes longer never comes: a frame begun at the wrong moment is lost, and the browser waits for it for ever. */
const protocolTimeoutMs = 30_000;

/** A chromium-headless-shell with one page whose frames are drawn only on command. */
export class HeadlessBrowser {
  private constructor(
    private readonly browser: Browser,
    private readonly profile: string,
    /** Of the page. */
    readonly session: CDPSession,
  ) {}

  /** @throws RenderError `browser-missing` or `page-failed`. */
  static async open(size: { width: number; height: number }): Promise<HeadlessBrowser> {
    const executablePath = await findHeadlessShell();
    const profile = await mkdtemp(join(tmpdir(), 'rushes-browser-'));
    try {
      const browser = await puppeteer.launch({
        executablePath,
        headless: 'shell',
        pipe: true,
        protocolTimeout: protocolTimeoutMs,
        userDataDir: profile,
        args: flags,
        handleSIGINT: false,
        handleSIGTERM: false,
        handleSIGHUP: false,
      });
      try {
        const root = await browser.target().createCDPSession();
        const { targetId } = await root.send('Target.createTarget', {
          url: 'about:blank',
          ...size,
          enableBeginFrameControl: true,
        });
        const { sessionId } = await root.send('Target.attachToTarget', { targetId, flatten: true });
        const session = root.connection()?.session(sessionId);
        // The window that every browser opens with has a process of its own.
        const { targetInfos } = await root.send('Target.getTargets');
        for (const { type, targetId: other } of targetInfos) {
          if (type === 'page' && other !== targetId) await root.send('Target.closeTarget', { targetId: other });
        }
        if (!session) throw new Error('the page has no session');
        await session.send('Page.enable');
        await session.send('Runtime.enable');
        return new HeadlessBrowser(browser, profile, session);
      } catch (error) {
        await endBrowser(browser);
        throw error;
      }
    } catch (cause) {
      await rm(profile, { recursive: true, force: true });
      throw new RenderError('page-failed', 'chromium-headless-shell did not start', { cause });
    }
  }

  /** Calls back once when the browser ends, whoever ended it. */
  onExit(callback: () => void): void {
    this.browser.process()?.once('exit', callback);
  }

  /** Kills the browser and removes its profile. Idempotent. */
  async close(): Promise<void> {
    await endBrowser(this.browser);
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Kills the whole process group: Debian's launcher is a shell script that stays as the browser's parent. */
async function endBrowser(browser: Browser): Promise<void> {
  const child = browser.process();
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
  await exited;
}
