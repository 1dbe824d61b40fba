import type { Database } from '@rushes/database';
import type { Config, Logger } from '@rushes/platform';
import type { PacketDropper } from './packet-dropper.ts';
import type { PacketRows, ParticipantTracks } from './packet-rows.ts';

const queue = 'drop-packets';
const options = {
  retryLimit: 5,
  retryDelay: 10,
  retryBackoff: true,
  /** Deriving and decoding a participant's three hours of tracks takes some minutes. */
  expireInSeconds: 60 * 60,
  heartbeatSeconds: 30,
};
const sweepMs = 10 * 60_000;
const dayMs = 86_400_000;

export type RetentionJobsParts = {
  database: Database;
  rows: PacketRows;
  dropper: PacketDropper;
  logger: Logger;
  policy: Config['rawPackets'];
};

/** The jobs that drop raw packets as RUSHES_RAW_PACKETS says: any recorder takes one; none with `keep`. */
export class RetentionJobs {
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(private readonly parts: RetentionJobsParts) {}

  async start(): Promise<void> {
    const { database, policy } = this.parts;
    if (policy.policy === 'keep') return;
    // Stately: of one participant's tracks, one job waits and one runs, however many recorders ask for it.
    await database.jobs.createQueue(queue, { policy: 'stately', ...options });
    await database.jobs.work<ParticipantTracks>(queue, { pollingIntervalSeconds: 5 }, async ([job]) => {
      if (job) await this.run(job.data, AbortSignal.any([this.stopping.signal, job.signal]));
    });
    this.timer = setInterval(() => this.startSweep(), sweepMs).unref();
    this.startSweep();
  }

  /** Asks for a job for everybody whose packets are due. */
  async sweep(): Promise<void> {
    const { database, rows } = this.parts;
    for (const { recordingId, participantId } of await rows.due(this.keepMs)) {
      const singletonKey = `${recordingId}/${participantId}`;
      await database.jobs.send(queue, { recordingId, participantId }, { singletonKey });
    }
  }

  async stop(): Promise<void> {
    if (this.parts.policy.policy === 'keep') return;
    clearInterval(this.timer);
    this.stopping.abort(new Error('the recorder ends'));
    await this.sweeping;
    await this.parts.database.jobs.offWork(queue);
  }

  private get keepMs(): number | undefined {
    const { policy } = this.parts;
    return policy.policy === 'keep-days' ? policy.days * dayMs : undefined;
  }

  private startSweep(): void {
    this.sweeping = this.sweeping
      .then(() => this.sweep())
      .catch((err: unknown) => this.parts.logger.error({ err }, 'packets that may go could not be looked for'));
  }

  private async run(tracks: ParticipantTracks, signal: AbortSignal): Promise<void> {
    try {
      await this.parts.dropper.drop(tracks, this.keepMs, signal);
    } catch (err) {
      if (!this.stopping.signal.aborted)
        this.parts.logger.error({ err, ...tracks }, 'raw packets could not be dropped');
      throw err;
    }
  }
}
