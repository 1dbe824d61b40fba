import { variables } from './variables.ts';

/** The variables as a Markdown table: the one source of docs/configuration.md. */
export function documentVariables(): string {
  const rows = Object.entries(variables).map(
    ([name, { defaultText, meaning }]) => `| \`${name}\` | ${defaultText} | ${meaning} |`,
  );
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n') + '\n';
}
