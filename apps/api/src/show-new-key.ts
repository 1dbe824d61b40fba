import type { RunningApplication } from '@rushes/platform';

/** The key, if this start made it. */
export function showNewKey({ newApiKey }: RunningApplication): Promise<string> {
  if (newApiKey === undefined) return Promise.resolve('');
  const lines = ['', 'Your API key. It is shown this once and stored only as a hash:', '', `  ${newApiKey}`, '', ''];
  return Promise.resolve(lines.join('\n'));
}
