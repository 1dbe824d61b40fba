import { monotonicEpochMs } from '@rushes/platform/clock';
import { z } from 'zod';
import { checkInput } from './check-input.ts';
import { FeedConnection } from './feed-connection.ts';
import { Recorder } from './recorder.ts';
import type { RecorderOptions } from './recorder.ts';
import { RemoteClock } from './remote-clock.ts';

const optionsSchema = z.object({
  apiUrl: z.url({ protocol: /^https?$/, error: 'expected an http:// or https:// URL' }),
  apiKey: z.string('expected an API key').min(1, 'expected an API key'),
  limitBytes: z.number('expected a number of bytes').min(100_000, 'expected at least 100000 bytes').optional(),
});

/**
 * Connects a mediasoup server to a Rushes installation, whose recorders take the tracks.
 * @throws RecorderError when an option is wrong (`input-invalid`), no recorder is to be reached there, or the key is not valid
 */
export async function createRecorder(options: RecorderOptions): Promise<Recorder> {
  checkInput(optionsSchema, options);
  const clock = new RemoteClock(monotonicEpochMs);
  const connection = await FeedConnection.open({ ...options, clock });
  await connection.measureClock();
  connection.close();
  clock.set();
  return new Recorder(options, clock);
}
