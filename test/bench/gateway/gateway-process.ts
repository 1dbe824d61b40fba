import { createInterface } from 'node:readline';
import { IngestModule } from '@rushes/ingest';
import { newId, RecordingLifecycle, TokenService } from '@rushes/platform';
import { startTestApplication } from '@rushes/platform/testing';

/**
 * A gateway alone in its process, as a bench measures it: takes RUSHES_KAFKA_* from its environment, prints its pages' address
 * and, for each line it is sent, its memory in use after a garbage collection, MB. Ends with its input.
 */
const unlimited = { eventsPerSecond: 1e9, burstEvents: 1e9 };
const kafka = Object.entries(process.env).flatMap(([name, value]) =>
  name.startsWith('RUSHES_KAFKA_') && value !== undefined ? [[name, value]] : [],
);
const application = await startTestApplication([IngestModule.forRoot({ limits: unlimited })], {
  RUSHES_EVENT_LOG: 'kafka',
  ...(Object.fromEntries(kafka) as Record<string, string>),
});
const lifecycle = application.app.get(RecordingLifecycle);
const recordings = Number(process.argv[2]);
const urls: string[] = [];
for (let recording = 0; recording < recordings; recording++) {
  const { recordingId } = await lifecycle.start({ roomId: newId(), holderId: lifecycle.holderId });
  const claims = { scope: 'capture', recordingId, participantId: 'ann' } as const;
  const url = new URL('/v1/capture', application.url.replace('http', 'ws'));
  url.searchParams.set('token', await application.app.get(TokenService).issue(claims, 3_600));
  urls.push(url.href);
}
console.log(JSON.stringify(urls));
for await (const _line of createInterface(process.stdin)) {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  console.log(JSON.stringify({ usedMb: (heapUsed + external) / 2 ** 20, residentMb: rss / 2 ** 20 }));
}
await application.close();
