import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './scripts/vitest/closing-line-reporter.ts';

const ignored = ['**/node_modules/**', 'dist/**', 'data/**'];

export default defineConfig({
  // Nest's and TypeORM's decorators; nothing reads emitted types (docs/adr/0002-explicit-inject.md).
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: false } },
  test: {
    reporters: ['default', new ClosingLineReporter()],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{libs,apps,scripts}/**/*.spec.ts'],
          exclude: [...ignored, '**/*.int.spec.ts'],
          sequence: { groupOrder: 0 },
          // Opening an embedded database takes seconds on two busy cores.
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['{libs,apps}/**/*.int.spec.ts', 'test/**/*.spec.ts'],
          exclude: ignored,
          // Browsers, SFU workers and encoders: one file at a time, after the unit tests, or they starve each other.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
