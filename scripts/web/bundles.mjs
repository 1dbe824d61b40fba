import { join } from 'node:path';
import { projectFolder } from '../setup/paths.mjs';

const inProject = (path) => join(projectFolder, path);

/** The web pages: each has its own vite.config.ts, which writes to dist/web/<name>. */
export const pages = ['meeting', 'viewer'].map((name) => ({
  name,
  entry: inProject(`apps/${name}/index.html`),
  folder: inProject(`apps/${name}`),
}));

/** What other people's pages load: one self-contained ES module each, dist/web/sdk/<name>.js. */
export const sdkModules = ['capture', 'player'].map((name) => ({
  name,
  entry: inProject(`libs/${name}/src/index.ts`),
}));

/** Everything that ends up in a bundle, besides npm packages. */
export const inputFolders = [
  'apps/meeting',
  'apps/viewer',
  'libs/timeline',
  'libs/whiteboard',
  'libs/capture',
  'libs/player',
  'scripts/web',
].map(inProject);

export const webFolder = inProject('dist/web');
