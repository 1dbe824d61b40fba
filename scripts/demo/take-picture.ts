import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { launchViewerBrowser } from './browser.ts';

export type PictureOptions = {
  /** The viewer's address of the recording, with its token. */
  address: string;
  /** Where in the recording, in seconds. */
  atSeconds: number;
  path: `${string}.png`;
};

/** Takes a picture of the viewer as it shows one instant of a recording. */
export async function takePicture({ address, atSeconds, path }: PictureOptions): Promise<void> {
  const browser = await launchViewerBrowser();
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 1440, height: 900 });
    await page.goto(`${address}&t=${atSeconds}`);
    await page.waitForFunction(
      (seconds) => {
        const player = document.querySelector<HTMLMediaElement>('rushes-player');
        return player !== null && player.readyState >= 2 && !player.seeking && player.currentTime >= seconds - 0.1;
      },
      { timeout: 30_000 },
      atSeconds,
    );
    // Until the frames that were decoded for the seek are painted.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await mkdir(dirname(path), { recursive: true });
    await page.screenshot({ path });
  } finally {
    await browser.close();
  }
}
