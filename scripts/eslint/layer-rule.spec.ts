import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { expect, it } from 'vitest';
import { projectFolder } from '../setup/paths.mjs';
import { layerRule } from './layer-rule.mjs';
import { allowedImports } from './layers.mjs';

/** What the rule says about a file under libs/ with this one line. */
function complaintsAbout(file: string, line: string): (string | undefined)[] {
  const messages = new Linter({ cwd: projectFolder }).verify(
    line,
    {
      files: ['**/*.ts'],
      languageOptions: { parser: tseslint.parser },
      plugins: { rushes: { rules: { layers: layerRule } } },
      rules: { 'rushes/layers': 'error' },
    },
    join(projectFolder, 'libs', file),
  );
  return messages.map((message) => message.messageId);
}

it.each([
  ['timeline/src/a.ts', "import { z } from 'zod';", []],
  ['timeline/src/a.ts', "import { readFile } from 'node:fs/promises';", ['runtime']],
  ['whiteboard/src/a.ts', "export * from '@rushes/timeline';", []],
  ['timeline/src/a.ts', "export * from '@rushes/whiteboard';", ['layer']],
  ['player/src/a.ts', "import type { Manifest } from '@rushes/timeline';", []],
  ['player/src/a.ts', "import type { EventLog } from '@rushes/event-log';", ['layer']],
  ['media/src/a.ts', "const player = await import('@rushes/player');", ['layer']],
  ['rooms/src/a.ts', "import { RecordingWriter } from '@rushes/recorder';", ['layer']],
  ['rooms/src/a.ts', "import { EmbeddedEventLog } from '@rushes/event-log/embedded';", []],
  ['rooms/src/a.ts', "import { main } from '@rushes/app-standalone';", ['app']],
  ['rooms/src/a.ts', "import { x } from '../../recorder/src/x.ts';", ['outside']],
  ['rooms/src/media/a.ts', "import { x } from '../x.ts';", []],
  ['rooms/src/a.ts', "type X = import('@rushes/recorder').X;", ['layer']],
  ['database/src/a.ts', "import { migrations } from '../../../migrations/index.ts';", []],
  ['event-log/src/a.ts', "import type { Database } from '@rushes/database';", []],
  ['brand-new/src/a.ts', "import '@rushes/timeline';", ['unlisted']],
])('in libs/%s the line %s gives %j', (file, line, complaints) => {
  expect(complaintsAbout(file, line)).toEqual(complaints);
});

it('has a layer for every lib', () => {
  expect(Object.keys(allowedImports).sort()).toEqual(readdirSync(join(projectFolder, 'libs')).sort());
});
