import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What the code runs, by the variable that tells it where: set by hand it wins, else the first found on PATH. */
const namesByVariable = {
  RUSHES_FFMPEG: ['ffmpeg'],
  RUSHES_FFPROBE: ['ffprobe'],
  RUSHES_CHROMIUM: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  RUSHES_HEADLESS_SHELL: ['chromium-headless-shell', 'chrome-headless-shell'],
};

/**
 * Finds every outside program.
 * @returns {Record<string, string | undefined>} path by environment variable; undefined where there is none
 */
export function findExecutables() {
  return Object.fromEntries(
    Object.entries(namesByVariable).map(([variable, names]) => [variable, process.env[variable] || findOnPath(names)]),
  );
}

function findOnPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
