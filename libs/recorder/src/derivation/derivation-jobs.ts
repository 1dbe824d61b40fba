import type { Database } from '@rushes/database';
import { MediaError } from '@rushes/media';
import { unavailableFor } from '@rushes/platform';
import type { Logger } from '@rushes/platform';
import { recordedTrackName } from '../track/recorded-track.ts';
import type { RecordedTrack } from '../track/recorded-track.ts';
import type { TrackRows } from '../track/track-rows.ts';
import type { TrackDeriver } from './track-deriver.ts';

const queue = 'derive-track';

/** A job that fails for a reason of its own is tried so often again. One that lacks the object store or the database goes on for hours. */
const ownRetryLimit = 3;
const options = {
  retryLimit: 1_000,
  retryDelay: 2,
  retryBackoff: true,
  retryDelayMax: 30,
  /** A three-hour track takes two minutes. */
  expireInSeconds: 30 * 60,
  /** A process that is silent for so long has died: the job is taken by another. */
  heartbeatSeconds: 30,
  notify: true,
};

/** The jobs that derive tracks: any recorder takes one; one that is killed is taken again. */
export class DerivationJobs {
  private readonly stopping = new AbortController();

  constructor(private readonly parts: { database: Database; rows: TrackRows; deriver: TrackDeriver; logger: Logger }) {}

  async start(): Promise<void> {
    const { jobs } = this.parts.database;
    // Stately: of one track in one recording, one job waits and one runs, however often it is asked for.
    await jobs.createQueue(queue, { policy: 'stately', ...options });
    // One that an earlier version made has other options.
    await jobs.updateQueue(queue, options);
    // A notification wakes the worker for one job; those that wait behind it are found by looking again soon.
    const pollingIntervalSeconds = 0.5;
    const notifyPollingIntervalSeconds = pollingIntervalSeconds;
    const working = { includeMetadata: true, pollingIntervalSeconds, notifyPollingIntervalSeconds } as const;
    await jobs.work<RecordedTrack, void, typeof working>(queue, working, async ([job]) => {
      if (job) await this.run(job.data, job.retryCount, AbortSignal.any([this.stopping.signal, job.signal]));
    });
  }

  async request({ recordingId, trackId }: RecordedTrack): Promise<void> {
    const track = { recordingId, trackId };
    await this.parts.database.jobs.send(queue, track, { singletonKey: recordedTrackName(track) });
  }

  /** Takes no more jobs; one that runs is given up and taken again by the next process. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('the recorder ends'));
    await this.parts.database.jobs.offWork(queue);
  }

  private async run(track: RecordedTrack, retryCount: number, signal: AbortSignal): Promise<void> {
    const { deriver, rows, logger } = this.parts;
    try {
      await deriver.derive(track, signal);
    } catch (err) {
      logger.error({ err, ...track }, 'track could not be derived');
      // Neither what is away nor a process that ends says anything about the track.
      if (signal.aborted || unavailableFor(err) !== undefined) throw err;
      const isHopeless = err instanceof MediaError && !err.retriable;
      if (!isHopeless && retryCount < ownRetryLimit) throw err;
      await rows.setFailed(track);
    }
  }
}
