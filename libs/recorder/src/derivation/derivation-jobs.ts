import type { Database } from '@rushes/database';
import { MediaError } from '@rushes/media';
import type { Logger } from '@rushes/platform';
import { recordedTrackName } from '../track/recorded-track.ts';
import type { RecordedTrack } from '../track/recorded-track.ts';
import type { TrackRows } from '../track/track-rows.ts';
import type { TrackDeriver } from './track-deriver.ts';

const queue = 'derive-track';

const retryLimit = 3;
/** A three-hour track takes two minutes. */
const expireInSeconds = 30 * 60;

/** The jobs that derive tracks: any recorder takes one; one that is killed is taken again. */
export class DerivationJobs {
  private readonly stopping = new AbortController();

  constructor(private readonly parts: { database: Database; rows: TrackRows; deriver: TrackDeriver; logger: Logger }) {}

  async start(): Promise<void> {
    const { jobs } = this.parts.database;
    // Stately: of one track in one recording, one job waits and one runs, however often it is asked for.
    await jobs.createQueue(queue, {
      policy: 'stately',
      retryLimit,
      retryDelay: 2,
      retryBackoff: true,
      expireInSeconds,
      notify: true,
    });
    // A notification wakes the worker for one job; those that wait behind it are found by looking again soon.
    const pollingIntervalSeconds = 0.5;
    const notifyPollingIntervalSeconds = pollingIntervalSeconds;
    const options = { includeMetadata: true, pollingIntervalSeconds, notifyPollingIntervalSeconds } as const;
    await jobs.work<RecordedTrack, void, typeof options>(queue, options, async ([job]) => {
      if (job) await this.run(job.data, job.retryCount >= retryLimit);
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

  private async run(track: RecordedTrack, isLastTry: boolean): Promise<void> {
    const { deriver, rows, logger } = this.parts;
    try {
      await deriver.derive(track, this.stopping.signal);
    } catch (err) {
      logger.error({ err, ...track }, 'track could not be derived');
      const isHopeless = err instanceof MediaError && !err.retriable;
      if (isHopeless || isLastTry) await rows.setFailed(track);
      if (!isHopeless) throw err;
    }
  }
}
