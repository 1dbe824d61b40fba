import { mkdir } from 'node:fs/promises';
import pg from 'pg';
import { setTimeout as pause } from 'node:timers/promises';
import type { Manifest } from '@rushes/timeline';
import { voices } from '../../test/content/signal.ts';
import { Cluster, type ClusterOptions } from '../cluster/cluster.ts';
import { serviceKinds, type ServiceKind } from '../cluster/plan-processes.ts';
import { ApiClient } from '../demo/api-client.ts';
import type { ChaosContext, RecorderKill } from './chaos-context.ts';
import { ChaosMeeting } from './chaos-meeting.ts';
import { judgeExport, mediaLostMs, type ExportJudgement } from './judge-media.ts';
import { judgeTimelines } from './judge-timeline.ts';
import { killOnce } from './kill-cases.ts';
import { Ledger } from './ledger.ts';
import { outageCases } from './outage-cases.ts';

export type ChaosOptions = {
  folder: string;
  /** Kills of each service. */
  times: number;
  only?: readonly ServiceKind[];
  hasOutages: boolean;
  /** Whether a stretch of each case's recording is exported and judged. */
  hasExports: boolean;
  kafkaNodes: 1 | 3;
  people: number;
  counts?: ClusterOptions['counts'];
  say: (text: string) => void;
  /** Ends the run early, in order. */
  signal?: AbortSignal;
};

/** One line of the table. */
export type CaseResult = {
  name: string;
  kills: number;
  acknowledged: number;
  lost: number;
  doubled: number;
  longestRecoveryMs: number;
  longestSilenceMs: number;
  /** Of the worst kill; undefined where no recorder was killed. */
  mediaLostMs?: number;
  export?: ExportJudgement;
  /** Promises that were not kept, in words. */
  violations: string[];
};

export type ChaosReport = { results: CaseResult[]; violations: string[] };

/** Of media that a kill of the recorder may cost. Milliseconds. */
const mostMediaLostMs = 1_000;
const exportedMs = 10_000;
const beforeKillMs = 8_000;
/** After the last kill, so that there is something to be judged. Milliseconds. */
const afterwardsMs = 10_000;
const readyMs = 240_000;

type RunCase = { result: CaseResult; recorderKills: RecorderKill[]; recordingId: string };

/**
 * Kills services of a running cluster under a meeting, again and again, and judges what is left: nothing that was acknowledged
 * may be missing or be there twice.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { folder, kafkaNodes, counts, people, say } = options;
  await mkdir(folder, { recursive: true });
  const onFailure = ({ name, how, tail }: { name: string; how: string; tail: string }) => {
    failures.push(`${name} ended by itself (${how})`);
    say(`${name} has ended by itself (${how}):\n${tail}`);
  };
  const failures: string[] = [];
  const cluster = await Cluster.start({ folder, kafkaNodes, onFailure, say, ...(counts && { counts }) });
  const pool = new pg.Pool({ connectionString: cluster.services.env().RUSHES_DATABASE_URL });
  // Connections break when PostgreSQL is stopped.
  pool.on('error', () => undefined);
  let meeting: ChaosMeeting | undefined;
  const aborted = new Promise<never>((_, reject) => {
    options.signal?.addEventListener('abort', () => reject(new Error('the run was ended early')));
  });
  try {
    return await Promise.race([run(), aborted]);
  } finally {
    await meeting?.end();
    await pool.end();
    await cluster.end();
    say(`Logs and films lie in ${folder}`);
  }

  async function run(): Promise<ChaosReport> {
    const api = new ApiClient(cluster.url, cluster.apiKey);
    const ledger = new Ledger();
    meeting = await ChaosMeeting.begin({ api, ledger, people, clients: 2 });
    const kinds = options.only ?? serviceKinds;
    const finished = kinds.includes('renderer') ? await recordShortly(api, meeting) : undefined;
    const context: ChaosContext = { cluster, api, meeting, ledger, pool, finished, say };

    const cases: RunCase[] = [];
    for (const kind of kinds) cases.push(await runKills(context, kind, options.times));
    if (options.hasOutages) for (const each of outageCases) cases.push(await runOutage(context, each));

    const cameras = await meeting.cameras();
    const violations = [...failures, ...meeting.pageErrors.map((error) => `a page reported ${error}`)];
    const { recordingIds } = meeting;
    await meeting.end();
    say('The recordings are being completed and judged.');
    const manifests = new Map<string, Manifest>();
    for (const id of recordingIds) manifests.set(id, await api.whenRecordingReady(id, readyMs));
    const timelines = await judgeTimelines(api, ledger, [...manifests.values()]);
    for (const each of cases) {
      const { result } = each;
      result.acknowledged = ledger.countOf(result.name);
      result.lost = timelines.lost.get(result.name)?.length ?? 0;
      result.doubled = timelines.doubled.get(result.name)?.length ?? 0;
      if (result.lost > 0) result.violations.push(`${result.lost} acknowledged events are lost`);
      if (result.doubled > 0) result.violations.push(`${result.doubled} events are stored twice`);
      judgeMedia(each, manifests);
      if (!options.hasExports) continue;
      const manifest = manifests.get(each.recordingId)!;
      const toMs = manifest.durationMs;
      const range = { fromMs: Math.max(0, toMs - exportedMs), toMs };
      result.export = await judgeExport({ api, manifest, ...range, folder, voices: voices.slice(0, people), cameras });
      if (!result.export.isOk) result.violations.push(`the export is wrong: ${result.export.why}`);
    }
    for (const [name, keys] of timelines.doubled) {
      if (!cases.some(({ result }) => result.name === name)) violations.push(`${keys.length} doubled, ${name}`);
    }
    violations.push(...timelines.miscounted.map((text) => `analytics counted ${text}`));
    violations.push(...ledger.refused.map((text) => `events were refused for good: ${text}`));
    const results = cases.map(({ result }) => result);
    return { results, violations: [...violations, ...results.flatMap(named)] };
  }
}

/** A recording for exports that are to be disturbed. */
async function recordShortly(api: ApiClient, meeting: ChaosMeeting): Promise<Manifest> {
  const recordingId = await meeting.startRecording();
  await pause(exportedMs);
  await meeting.stopRecording();
  return api.whenRecordingReady(recordingId, readyMs);
}

async function runKills(context: ChaosContext, kind: ServiceKind, times: number): Promise<RunCase> {
  const { say } = context;
  const recorderKills: RecorderKill[] = [];
  return runCase(context, kind, async (result) => {
    for (let round = 0; round < times; round++) {
      // A recorder is to have something to lose.
      await pause(kind === 'recorder' ? beforeKillMs : 1_000);
      const { recoveryMs, recorderKill } = await killOnce(context, kind, round);
      result.kills++;
      result.longestRecoveryMs = Math.max(result.longestRecoveryMs, recoveryMs);
      if (recorderKill) recorderKills.push(recorderKill);
      say(`  ${kind}: kill ${round + 1} of ${times}, recovered after ${(recoveryMs / 1000).toFixed(1)} s`);
    }
    return recorderKills;
  });
}

function runOutage(context: ChaosContext, outage: (typeof outageCases)[number]): Promise<RunCase> {
  return runCase(context, outage.name, async (result) => {
    const at = Date.now();
    const lives = context.cluster.members.map(({ process }) => process.starts);
    await outage.run(context);
    result.kills = 1;
    result.longestRecoveryMs = Date.now() - at;
    const { members } = context.cluster;
    const died = members.filter(
      ({ process, planned }, index) => process.starts !== lives[index] && planned.kind !== outage.ends,
    );
    if (died.length > 0) result.violations.push(`ended by it: ${died.map(({ process }) => process.name).join(', ')}`);
    const limitMs = outage.longestSilenceMs;
    const silenceMs = context.ledger.longestSilenceMs(at);
    if (limitMs !== null && silenceMs > limitMs) {
      result.violations.push(`nothing was acknowledged for ${(silenceMs / 1000).toFixed(1)} s`);
    }
    context.say(`  ${outage.name}: recovered after ${(result.longestRecoveryMs / 1000).toFixed(1)} s`);
    return [];
  });
}

/** A case in a recording of its own, so that its export is not a long one. */
async function runCase(
  context: ChaosContext,
  name: string,
  work: (result: CaseResult) => Promise<RecorderKill[]>,
): Promise<RunCase> {
  const { meeting, ledger, say } = context;
  say(`\n${name}`);
  ledger.currentCase = name;
  const result: CaseResult = {
    name,
    kills: 0,
    acknowledged: 0,
    lost: 0,
    doubled: 0,
    longestRecoveryMs: 0,
    longestSilenceMs: 0,
    violations: [],
  };
  const startedAt = Date.now();
  const begun = await meeting.startRecording();
  let recorderKills: RecorderKill[] = [];
  try {
    recorderKills = await work(result);
  } catch (error) {
    result.violations.push(`did not recover: ${error instanceof Error ? error.message : String(error)}`);
    say(`  ${name}: ${String(error)}`);
    await context.cluster.whenReady();
  }
  result.longestSilenceMs = ledger.longestSilenceMs(startedAt);
  await pause(afterwardsMs);
  const recordingId = (await meeting.runningRecording()) ?? begun;
  await meeting.stopRecording();
  return { result, recorderKills, recordingId };
}

function judgeMedia({ result, recorderKills }: RunCase, manifests: ReadonlyMap<string, Manifest>): void {
  for (const { recordingId, at } of recorderKills) {
    const manifest = manifests.get(recordingId);
    const lostMs = manifest && mediaLostMs(manifest, at);
    if (lostMs === undefined) continue;
    result.mediaLostMs = Math.max(result.mediaLostMs ?? 0, lostMs);
  }
  if (result.mediaLostMs !== undefined && result.mediaLostMs > mostMediaLostMs) {
    result.violations.push(`a kill cost ${result.mediaLostMs.toFixed(0)} ms of media`);
  }
}

function named({ name, violations }: CaseResult): string[] {
  return violations.map((violation) => `${name}: ${violation}`);
}
