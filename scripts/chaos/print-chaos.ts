import { printTable } from '../print-table.ts';
import type { CaseResult, ChaosReport } from './run-chaos.ts';

const columns: readonly [string, (result: CaseResult) => string][] = [
  ['case', ({ name }) => name],
  ['kills', ({ kills }) => String(kills)],
  ['acknowledged', ({ acknowledged }) => String(acknowledged)],
  ['lost', ({ lost }) => String(lost)],
  ['doubled', ({ doubled }) => String(doubled)],
  ['longest recovery', ({ longestRecoveryMs }) => seconds(longestRecoveryMs)],
  ['longest silence', ({ longestSilenceMs }) => seconds(longestSilenceMs)],
  ['media lost', ({ mediaLostMs }) => (mediaLostMs === undefined ? '' : `${mediaLostMs.toFixed(0)} ms`)],
  ['export', (result) => (result.export === undefined ? 'none' : result.export.isOk ? 'ok' : 'wrong')],
];

/** Prints the table, and what was promised and not kept. */
export function printChaos({ results, violations }: ChaosReport, say: (text: string) => void): void {
  say('');
  printTable(say, [
    columns.map(([title]) => title),
    ...results.map((result) => columns.map(([, read]) => read(result))),
  ]);
  say(violations.length === 0 ? '\nEvery promise was kept.' : '\nNot kept:');
  for (const violation of violations) say(`  ${violation}`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
