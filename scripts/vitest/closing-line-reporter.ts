import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** Of a message. */
const mostLength = 500;

/**
 * Ends a run with the line `N passed, N failed, N skipped`, for people and for whatever reads CI's output.
 * What was skipped and what failed, and why, is named above it: of a long output often only the end is kept.
 * A file that could not be loaded and an error outside of any test count as failed.
 */
export class ClosingLineReporter implements Reporter {
  onTestRunEnd(testModules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    let passed = 0;
    const skipped: string[] = [];
    const failed = unhandledErrors.map((error) => `outside of any test: ${firstLineOf(error)}`);
    for (const testModule of testModules) {
      const { children, relativeModuleId: file } = testModule;
      failed.push(...testModule.errors().map((error) => `${file}: ${firstLineOf(error)}`));
      for (const test of children.allTests()) {
        const name = `${file} > ${test.fullName}`;
        const { state, errors: [error] = [] } = test.result();
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failed.push(`${name}: ${firstLineOf(error)}`);
        else skipped.push(name);
      }
      for (const suite of children.allSuites())
        failed.push(...suite.errors().map((error) => `${file} > ${suite.fullName}: ${firstLineOf(error)}`));
    }
    for (const name of skipped) process.stdout.write(`skipped: ${name}\n`);
    for (const each of failed) process.stdout.write(`failed: ${each}\n`);
    process.stdout.write(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped\n`);
  }
}

function firstLineOf(error: SerializedError | undefined): string {
  return String(error?.message ?? 'no error was given')
    .split('\n', 1)[0]!
    .slice(0, mostLength);
}
