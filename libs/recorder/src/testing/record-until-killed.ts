import { join } from 'node:path';
import { FilesystemObjectStore } from '@rushes/object-store/filesystem';
import { monotonicEpochMs } from '@rushes/platform';
import { recordProducer } from '../record-producer.ts';
import { Spool } from '../spool/spool.ts';
import { openPacedMicrophone } from './paced-microphone.ts';
import { openRouter } from './open-router.ts';

/**
 * A process that records one track into `<folder>/spool` and `<folder>/objects` until it is killed. Says on standard
 * output how far it has come: recording milliseconds, a line twenty times a second.
 */
const [folder = '', recordingId = '', participantId = '', trackId = ''] = process.argv.slice(2);
const { router } = await openRouter();
const producer = await openPacedMicrophone(router);
const recordedAt = Math.round(monotonicEpochMs());
const spool = new Spool({ folder: join(folder, 'spool'), store: new FilesystemObjectStore(join(folder, 'objects')) });
await recordProducer(router, producer, {
  spool,
  recordingId,
  recordedAt,
  participantId,
  trackId,
  source: 'microphone',
});
setInterval(() => process.stdout.write(`${Math.floor(monotonicEpochMs() - recordedAt)}\n`), 50);
