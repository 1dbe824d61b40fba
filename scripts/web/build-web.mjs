import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { pages, sdkModules, webFolder } from './bundles.mjs';

/**
 * Builds every page and SDK module into dist/web. With `--watch` it stays and builds again what changed.
 */
const watch = process.argv.includes('--watch') ? {} : null;
const logLevel = watch ? 'warn' : 'info';
const common = { watch, reportCompressedSize: false, chunkSizeWarningLimit: 1500 };

for (const { folder, entry } of pages) {
  if (!existsSync(entry)) continue;
  await build({ root: folder, configFile: join(folder, 'vite.config.ts'), logLevel, build: common });
}
for (const { name, entry } of sdkModules) {
  await build({
    configFile: false,
    logLevel,
    build: {
      ...common,
      outDir: join(webFolder, 'sdk'),
      // The modules share the folder.
      emptyOutDir: false,
      sourcemap: true,
      lib: { entry, formats: ['es'], fileName: () => `${name}.js` },
      rolldownOptions: { output: { codeSplitting: false, minify: true } },
    },
  });
}
