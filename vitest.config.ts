import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './scripts/vitest/closing-line-reporter.ts';

// On an older Node tests fail, or wait for ever, for reasons that have nothing to do with them.
if (Number(process.versions.node.split('.')[0]) < 24) {
  throw new Error(`these tests run on Node 24, not ${process.version}: npm test -- <part of a path> brings it`);
}

/** Kafka, S3 and PostgreSQL for those tests that ask for them (test/fixtures/services.ts). */
const services = 'scripts/vitest/services-setup.ts';
/** Integration tests without browsers, of which none judges sound or picture: they mostly wait, and can do so for each other. */
const sideBySide = [
  'libs/{database,event-log,exports,imports,ingest,media,object-store,platform,recorder,rooms,timeline-writer}/**/*.int.spec.ts',
  'apps/cli/**/*.int.spec.ts',
  'scripts/**/*.int.spec.ts',
  'test/integration/{balancer,*-outage,deployment,download-redirect,recorded-again,second-recorder,services*}.spec.ts',
];
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
          // Every core; vitest would leave one idle, half of a small machine.
          maxWorkers: '100%',
          sequence: { groupOrder: 1 },
          // Opening an embedded database takes seconds on two busy cores.
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: sideBySide,
          exclude: ignored,
          globalSetup: services,
          maxWorkers: '100%',
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'meetings',
          include: ['{libs,apps,scripts}/**/*.int.spec.ts', 'test/**/*.spec.ts'],
          exclude: [...ignored, ...sideBySide],
          globalSetup: services,
          // Browsers, SFU workers and encoders: one file at a time, after all others, or they starve each other.
          fileParallelism: false,
          sequence: { groupOrder: 3 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
