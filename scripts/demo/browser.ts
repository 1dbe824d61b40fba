import puppeteer, { type Browser } from 'puppeteer-core';
import type { FakeDevices } from './media-files.ts';

/** Programs as the set-up found them. */
const chromium = process.env.RUSHES_CHROMIUM ?? '/usr/bin/chromium';
const headlessShell = process.env.RUSHES_HEADLESS_SHELL ?? '/usr/bin/chromium-headless-shell';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--mute-audio',
  '--autoplay-policy=no-user-gesture-required',
  // Pages in the background of one machine must not be slowed down: each is somebody's foreground.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
];

/** A participant's browser whose camera and microphone play the given files. */
export function launchParticipantBrowser(devices: FakeDevices): Promise<Browser> {
  return puppeteer.launch({
    executablePath: headlessShell,
    headless: 'shell',
    args: [
      ...flags,
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${devices.camera}`,
      `--use-file-for-fake-audio-capture=${devices.microphone}`,
      '--auto-accept-this-tab-capture',
      '--auto-select-desktop-capture-source=Entire screen',
    ],
  });
}

/** A spectator's browser, with everything a person's has: for looking at pages and playing files. */
export function launchViewerBrowser(): Promise<Browser> {
  return puppeteer.launch({ executablePath: chromium, headless: true, args: flags });
}
