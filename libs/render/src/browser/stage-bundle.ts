import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';

/** The renderer's own page script, as source or built: with the extension that this file has itself. */
const probe = fileURLToPath(new URL(`../../page/stage-probe${extname(import.meta.url)}`, import.meta.url));

/** The page's script: the player's render page and the renderer's own probe. */
const entry = `import '@rushes/player/render-page'; import ${JSON.stringify(probe)};`;

let bundled: Promise<string> | undefined;

/** Bundles the render page, once in a process. */
export function bundleStagePage(): Promise<string> {
  // esbuild's own process is not needed again, and takes 50 MB.
  bundled ??= bundle(entry).finally(() => stop());
  return bundled;
}

/** Bundles another page script that sets `window.rushesStage`, with the renderer's probe. */
export async function bundle(contents: string): Promise<string> {
  const result = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'chrome120',
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  return result.outputFiles[0]!.text;
}
