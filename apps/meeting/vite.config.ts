import { defineConfig } from 'vite';

export default defineConfig({
  // Where the standalone serves it.
  base: '/meet/',
  build: { outDir: '../../dist/web/meeting', emptyOutDir: true, sourcemap: true },
});
