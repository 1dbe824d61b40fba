import { dirname, join, relative, resolve, sep } from 'node:path';
import { projectFolder } from '../setup/paths.mjs';
import { allowedImports, librariesOfAnyRuntime, packagesOfAnyRuntime } from './layers.mjs';

/**
 * Holds every import under libs/ to the layers of `layers.mjs`: other libs by their package name only and only those a
 * lib may know; no packages but the listed ones in L0. Type imports count: a type is a dependency too.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const layerRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      layer: '@rushes/{{from}} may not import @rushes/{{to}}: it may import {{allowed}}.',
      unlisted: '@rushes/{{from}} has no layer: add it to scripts/eslint/layers.mjs.',
      outside: 'A relative import may not leave its package: import it as @rushes/<name>.',
      runtime: '@rushes/{{from}} runs anywhere: it may import {{allowed}}, not {{specifier}}.',
      app: 'libs may not import apps.',
    },
  },
  create(context) {
    const [top, from] = relative(projectFolder, context.filename).split(sep);
    if (top !== 'libs' || !from) return {};
    const allowed = allowedImports[from];
    const allowedNames = (allowed ?? []).map((name) => `@rushes/${name}`).join(', ') || 'no other lib';

    const check = (source) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const specifier = source.value;
      const report = (messageId, data) => context.report({ node: source, messageId, data: { from, ...data } });
      if (specifier.startsWith('.')) {
        const target = relative(resolve(projectFolder, 'libs', from), resolve(dirname(context.filename), specifier));
        if (target.startsWith('..') && !isMigration(from, target)) report('outside');
      } else if (specifier.startsWith('@rushes/app-')) {
        report('app');
      } else if (specifier.startsWith('@rushes/')) {
        const to = specifier.split('/')[1];
        if (!allowed) report('unlisted');
        else if (to !== from && !allowed.includes(to)) report('layer', { to, allowed: allowedNames });
      } else if (librariesOfAnyRuntime.includes(from) && !packagesOfAnyRuntime.includes(specifier.split('/')[0])) {
        report('runtime', { specifier, allowed: packagesOfAnyRuntime.join(', ') });
      }
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source ?? node.argument?.literal),
    };
  },
};

/** `migrations/` is a folder of the project, where one looks for it, and part of the database lib. */
function isMigration(from, target) {
  return from === 'database' && target.startsWith(join('..', '..', 'migrations'));
}
