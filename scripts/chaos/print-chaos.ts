import { printTable } from '../print-table.ts';
import type { ExportJudgement } from './judge-media.ts';
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
  ['export: sound late by', (result) => (result.export === undefined ? 'none' : describeExport(result.export))],
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

/** Each person's sound against picture. */
function describeExport({ isOk, offsetsMs }: ExportJudgement): string {
  return `${isOk ? 'ok' : 'wrong'}: ${offsetsMs.map((ms) => ms.toFixed(0)).join(', ')} ms`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
