import { defineConfig } from 'vite';

export default defineConfig({
  // Where the standalone serves it.
  base: '/',
  build: { outDir: '../../dist/web/viewer', emptyOutDir: true, sourcemap: true },
});
