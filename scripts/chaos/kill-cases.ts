import type { ServiceKind } from '../cluster/plan-processes.ts';
import type { SupervisedProcess } from '../cluster/supervised-process.ts';
import { poll } from '../demo/api-client.ts';
import { findDescendants } from '../services/process-table.ts';
import type { ChaosContext, RecorderKill } from './chaos-context.ts';
import { roomId } from './chaos-meeting.ts';
import { readCounted } from './judge-timeline.ts';

/** How long anything may take to recover. */
const patienceMs = 90_000;

export type KillCase = {
  /** The process that is to be killed this time. */
  choose: (context: ChaosContext, round: number) => Promise<SupervisedProcess>;
  /** Resolves when everything works again, of which the process itself is a part. */
  whenRecovered: (context: ChaosContext, killed: { at: number; recordingId: string }) => Promise<void>;
};

/** One after the other, so that each is killed as often as the next. */
const inTurn =
  (kind: ServiceKind) =>
  async ({ cluster }: ChaosContext, round: number) => {
    const members = cluster.of(kind);
    return members[round % members.length]!;
  };

export const killCases: Record<ServiceKind, KillCase> = {
  gateway: {
    choose: inTurn('gateway'),
    whenRecovered: async ({ ledger }, { at }) => whenAcknowledgedAfter(ledger, at),
  },
  recorder: {
    choose: async ({ cluster, pool }) => {
      const { rows } = await pool.query<{ url: string }>('SELECT "url" FROM rooms WHERE "roomId" = $1', [roomId]);
      const holder = cluster.members.find(({ planned }) => planned.address === rows[0]?.url);
      if (!holder) throw new Error(`no recorder has the room: ${JSON.stringify(rows)}`);
      return holder.process;
    },
    whenRecovered: async ({ meeting, ledger }, { at, recordingId }) => {
      const next = await meeting.whenGoingOnAfter(recordingId);
      await meeting.whenRecordedInto(next);
      await whenAcknowledgedAfter(ledger, at);
    },
  },
  'timeline-writer': {
    choose: inTurn('timeline-writer'),
    whenRecovered: (context, { at }) => whenStoredAfter(context, at),
  },
  api: {
    choose: inTurn('api'),
    whenRecovered: async ({ api }) => {
      await poll(patienceMs, 'the API does not answer', () =>
        api.call('GET', '/v1/recordings?limit=1').then(
          () => true,
          () => undefined,
        ),
      );
    },
  },
  renderer: {
    choose: async ({ cluster, api, finished }) => {
      const request = { perspective: 'room', width: 640, height: 360, fromMs: 0, toMs: 8_000 };
      await api.createExport(finished!.recordingId, request);
      return poll(patienceMs, 'no renderer took the export', async () =>
        cluster.of('renderer').find(({ pid }) => pid !== undefined && findDescendants(pid).length > 0),
      );
    },
    whenRecovered: async ({ api, finished }) => {
      const { exports: all } = await api.call<{ exports: { exportId: string }[] }>(
        'GET',
        `/v1/recordings/${finished!.recordingId}/exports`,
      );
      await api.whenExportDone(all[0]!.exportId, 180_000);
    },
  },
  analytics: {
    choose: inTurn('analytics'),
    whenRecovered: async () => undefined,
  },
};

export type KillOutcome = { recoveryMs: number; recorderKill?: RecorderKill };

/** Kills one process and waits for the fact of recovery. */
export async function killOnce(context: ChaosContext, kind: ServiceKind, round: number): Promise<KillOutcome> {
  const { choose, whenRecovered } = killCases[kind];
  const victim = await choose(context, round);
  const recordingId = (await context.meeting.runningRecording()) ?? '';
  const at = Date.now();
  await victim.kill();
  await Promise.all([victim.whenReady(patienceMs), whenRecovered(context, { at, recordingId })]);
  const recoveryMs = Date.now() - at;
  return { recoveryMs, ...(kind === 'recorder' ? { recorderKill: { recordingId, at } } : {}) };
}

/** Resolves when any client's batch is acknowledged over a second after `at` (epoch milliseconds): it was sent after it. */
export async function whenAcknowledgedAfter(ledger: ChaosContext['ledger'], at: number): Promise<void> {
  await poll(patienceMs, 'nothing is acknowledged', async () => (ledger.countAfter(at + 1_000) > 0 ? true : undefined));
}

/** Resolves when what was acknowledged after `at` stands in the stored timeline. */
export async function whenStoredAfter(context: ChaosContext, at: number): Promise<void> {
  const { api, meeting, ledger } = context;
  await whenAcknowledgedAfter(ledger, at);
  const recordingId = (await meeting.runningRecording())!;
  const acknowledged = [...(ledger.acknowledged.get(recordingId)?.keys() ?? [])];
  const newest = acknowledged.at(-1);
  await poll(patienceMs, 'what is acknowledged is not stored', async () => {
    const stored = await api
      .manifest(recordingId)
      .then((manifest) => readCounted(api, lastChunks(manifest)))
      .catch(() => new Map<string, number>());
    return newest === undefined || stored.has(newest) ? true : undefined;
  });
}

/** Only the end of the timeline, where new events are. */
function lastChunks<M extends { timeline: { events: unknown[] } }>(manifest: M): M {
  return { ...manifest, timeline: { ...manifest.timeline, events: manifest.timeline.events.slice(-6) } };
}
