import { access, constants } from 'node:fs/promises';
import { RenderError } from '../render-error.ts';

/** Debian's places first, then those of other packagings. */
const places = [
  '/usr/lib/chromium/chromium-headless-shell',
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chrome-headless-shell',
  '/opt/chrome-headless-shell/chrome-headless-shell',
];

/**
 * The path of chromium-headless-shell: only this build can be stepped frame by frame. RUSHES_HEADLESS_SHELL names another.
 * @throws RenderError `browser-missing`.
 */
export async function findHeadlessShell(named = process.env['RUSHES_HEADLESS_SHELL']): Promise<string> {
  for (const place of named ? [named] : places) {
    const found = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return place;
  }
  const looked = named ? `RUSHES_HEADLESS_SHELL names ${named}, which cannot be run` : `looked at ${places.join(', ')}`;
  throw new RenderError(
    'browser-missing',
    `No chromium-headless-shell: ${looked}. On Debian: apt-get install chromium-headless-shell`,
  );
}
