import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';
import { projectFolder } from '../setup/paths.mjs';

/**
 * What other people's servers install: dist/npm/recorder is `@rushes/recorder` with its entry `./client` alone, one ES module and
 * its types, ready for `npm publish`, or `npm install <this folder>`.
 */
const name = 'recorder';
const library = join(projectFolder, 'libs', name);
const folder = join(projectFolder, 'dist/npm', name);
const { version, dependencies } = JSON.parse(await readFile(join(library, 'package.json'), 'utf8'));
const project = JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8'));
const installed = ['ws', 'zod'];

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const bundle = await rolldown({
  input: { client: join(library, 'src/client/index.ts') },
  platform: 'node',
  treeshake: { moduleSideEffects: false },
  external: [...installed, 'mediasoup', /^mediasoup\//],
  plugins: [dts({ tsconfig: join(projectFolder, 'tsconfig.build.json'), eager: true })],
});
await bundle.write({ dir: folder, format: 'es' });

await writeFile(
  join(folder, 'package.json'),
  JSON.stringify(
    {
      name: `@rushes/${name}`,
      version,
      description: 'Records the producers of a mediasoup server into Rushes.',
      license: project.license,
      type: 'module',
      // mediasoup's own.
      engines: { node: '>=22' },
      exports: { './client': { types: './client.d.ts', default: './client.js' } },
      files: ['client.js', 'client.d.ts'],
      dependencies: Object.fromEntries(installed.map((each) => [each, dependencies[each]])),
      // Any that has `producer.enableTraceEvent(['sr'])`.
      peerDependencies: { mediasoup: `^${dependencies.mediasoup}` },
    },
    null,
    2,
  ),
);
await writeFile(
  join(folder, 'README.md'),
  `# @rushes/${name}

Records the producers of a mediasoup server into a Rushes installation.

\`\`\`ts
import { createRecorder } from '@rushes/${name}/client';

const recorder = await createRecorder({ apiUrl: 'https://rushes.example.com', apiKey });
const recordingId = await recorder.startRecording({ roomId: 'my-meeting' });
await recorder.recordProducer(router, producer, { recordingId, participantId, participantName: 'Ada', source: 'camera' });
await recorder.stopRecording(recordingId);
\`\`\`
`,
);
