import { monotonicEpochMs } from '@rushes/platform/clock';
import { FeedConnection } from './feed-connection.ts';
import { Recorder } from './recorder.ts';
import type { RecorderOptions } from './recorder.ts';
import { RemoteClock } from './remote-clock.ts';

/**
 * Connects a mediasoup server to a Rushes installation, whose recorders take the tracks.
 * @throws RecorderError when none is to be reached there, or the key is not valid
 */
export async function createRecorder(options: RecorderOptions): Promise<Recorder> {
  const clock = new RemoteClock(monotonicEpochMs);
  const connection = await FeedConnection.open({ ...options, clock });
  await connection.measureClock();
  connection.close();
  clock.set();
  return new Recorder(options, clock);
}
