import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { applyTopics } from '@rushes/event-log/kafka';
import { ensureBuilt } from '../setup/ensure-built.mjs';
import { startServices, type RunningServices } from '../services/index.ts';
import { planProcesses, type PlannedProcess, type ServiceKind } from './plan-processes.ts';
import { SupervisedProcess } from './supervised-process.ts';

export type ClusterOptions = {
  /** Data and logs. */
  folder: string;
  kafkaNodes?: 1 | 3;
  /** How many of each service; the usual numbers by default. */
  counts?: Partial<Record<ServiceKind, number>>;
  /** A process has ended by itself. */
  onFailure?: (failure: { name: string; how: string; tail: string }) => void;
  say?: (text: string) => void;
};

export type ClusterMember = { planned: PlannedProcess; process: SupervisedProcess };

/** Everything as separate processes on real Kafka, S3 and PostgreSQL, behind a balancer. All of it ends with this process. */
export class Cluster {
  private constructor(
    readonly services: RunningServices,
    readonly members: readonly ClusterMember[],
    /** Where browsers and clients reach it. */
    readonly url: string,
    readonly viewerUrl: string,
    readonly apiKey: string,
  ) {}

  /**
   * Resolves when every process is ready.
   * @throws Error naming what did not start, with the end of its log; nothing is left running then
   */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const { folder, kafkaNodes = 3, counts, onFailure, say = () => undefined } = options;
    await mkdir(folder, { recursive: true });
    await ensureBuilt('apps');
    say(`Kafka (${kafkaNodes} nodes), S3 and PostgreSQL are being started.`);
    const services = await startServices({ only: ['kafka', 's3', 'postgres'], kafkaNodes });
    const members: ClusterMember[] = [];
    try {
      await makeTopics(services.kafka!.brokers);
      const apiKey = `rk_${randomBytes(32).toString('base64url')}`;
      const plan = await planProcesses({
        folder,
        apiKey,
        services: services.env(),
        ...(counts && { counts }),
      });
      for (const planned of plan.processes) {
        const process = new SupervisedProcess({ ...planned, ...(onFailure && { onFailure }) });
        members.push({ planned, process });
      }
      say(`${members.length} processes are being started.`);
      for (const { process } of members) process.start();
      await Promise.all(members.map(({ process }) => process.whenReady()));
      return new Cluster(services, members, plan.url, plan.viewerUrl, apiKey);
    } catch (error) {
      await Promise.all(members.map(({ process }) => process.end()));
      await services.stop();
      throw error;
    }
  }

  /** The processes of one kind, in order. */
  of(kind: PlannedProcess['kind']): SupervisedProcess[] {
    return this.members.filter(({ planned }) => planned.kind === kind).map(({ process }) => process);
  }

  async whenReady(): Promise<void> {
    await Promise.all(this.members.map(({ process }) => process.whenReady()));
  }

  /** Ends all of it in order: what takes requests first, what they stand on last. */
  async end(): Promise<void> {
    await Promise.all(this.members.map(({ process }) => process.end()));
    await this.services.stop();
  }
}

/** A topic that was just made is not known to every broker yet, of which some calls complain. */
async function makeTopics(brokers: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await applyTopics({ connection: { brokers } });
      return;
    } catch (error) {
      if ((error as { retriable?: boolean }).retriable !== true || attempt === 10) throw error;
    }
  }
}
