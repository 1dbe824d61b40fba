import { variables } from './variables.ts';

/** docs/configuration.md: every variable, from the schema that reads them. */
export function configurationPage(): string {
  const rows = Object.entries(variables).map(
    ([name, { defaultText, meaning }]) => `| \`${name}\` | ${defaultText} | ${meaning} |`,
  );
  return [
    '# Configuration',
    '',
    'Environment variables, read once at the start. A wrong one stops the start and is named, with what was expected;',
    'a misspelt one is named in the log. Written from `libs/platform/src/config/variables.ts`: change it there.',
    '',
    '<!-- prettier-ignore -->',
    '| variable | default | meaning |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
