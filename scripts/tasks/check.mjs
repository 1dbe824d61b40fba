import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../setup/paths.mjs';

/**
 * `npm run check`: format, lint with the layer rules, types of every layer, unit tests. Says how each went, shows what
 * the failed ones printed, and ends with the unit tests' closing line.
 */
const bin = (path) => join(projectFolder, 'node_modules', path);
const caches = 'node_modules/.cache/rushes';

const domTypes = /lib\.dom\.d\.ts$/;
const nodeTypes = /@types\/node\/index\.d\.ts$/;

/** `absent`: global types that the layer must not see, however they come in (a package's `/// <reference>` will do). */
const typesOf = (title, project, ...absent) => ({
  title: `types: ${title}`,
  args: [
    bin('typescript/bin/tsc'),
    ...['-p', project, '--listFiles', '--incremental', '--tsBuildInfoFile', `${caches}/${project}.tsbuildinfo`],
  ],
  judge({ exitCode, output }) {
    const lines = output.split('\n');
    const intruders = lines.filter((line) => absent.some((pattern) => pattern.test(line)));
    return {
      exitCode: exitCode || (intruders.length > 0 ? 1 : 0),
      output: [
        ...lines.filter((line) => !/^\/.*\.[cm]?[jt]sx?$|\.json$/.test(line)),
        ...intruders.map(
          (file) => `${project} must not see ${file}; find who brings it in with tsc -p ${project} --explainFiles`,
        ),
      ].join('\n'),
    };
  },
});

const unitTests = { title: 'unit tests', args: [bin('vitest/vitest.mjs'), 'run', '--project', 'unit'] };

// The longest first: with two cores it takes one, the others share the second.
const steps = [
  { title: 'lint and layers', args: [bin('eslint/bin/eslint.js'), '--max-warnings', '0', '.'] },
  {
    title: 'format',
    args: [
      bin('prettier/bin/prettier.cjs'),
      '--check',
      '--log-level',
      'warn',
      '--cache',
      '--cache-location',
      `${caches}/prettier`,
      '.',
    ],
  },
  typesOf('any runtime', 'tsconfig.l0.json', domTypes, nodeTypes),
  typesOf('browser', 'tsconfig.browser.json', nodeTypes),
  typesOf('Node', 'tsconfig.node.json', domTypes),
  typesOf('everything with tests', 'tsconfig.json'),
  unitTests,
];

const results = new Map();
const waiting = [...steps];
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, workThrough));

const failed = steps.filter((step) => results.get(step).exitCode !== 0);
for (const step of failed) {
  if (step !== unitTests) process.stdout.write(`\n--- ${step.title} ---\n${results.get(step).output}\n`);
}
process.stdout.write(`\n${results.get(unitTests).output}`);
process.exitCode = failed.length > 0 ? 1 : 0;

async function workThrough() {
  for (let step = waiting.shift(); step; step = waiting.shift()) {
    const startedAt = performance.now();
    const ran = await run(step.args);
    const result = step.judge?.(ran) ?? ran;
    results.set(step, result);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`${result.exitCode === 0 ? '✓' : '✗'} ${step.title} (${seconds} s)\n`);
  }
}

function run(args) {
  const child = spawn(process.execPath, args, { cwd: projectFolder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (bytes) => (output += bytes));
  child.stderr.on('data', (bytes) => (output += bytes));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ exitCode: code ?? 1, output }));
  });
}
