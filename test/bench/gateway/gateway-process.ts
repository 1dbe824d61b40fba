import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { IngestModule } from '@rushes/ingest';
import { newId, RecordingLifecycle, TokenService } from '@rushes/platform';
import { startTestApplication } from '@rushes/platform/testing';

export type GatewayMemory = { usedMb: number; residentMb: number };

/**
 * A gateway alone in its process, as a bench measures it: takes RUSHES_KAFKA_* and RUSHES_DATABASE_* from its environment, prints
 * its pages' addresses and, for each line it is sent, its memory in use after garbage collections, MB. Ends with its input.
 */
const unlimited = { eventsPerSecond: 1e9, burstEvents: 1e9 };
const services = Object.entries(process.env).flatMap(([name, value]) =>
  /^RUSHES_(KAFKA|DATABASE)_/.test(name) && value !== undefined ? [[name, value]] : [],
);
const application = await startTestApplication([IngestModule.forRoot({ limits: unlimited })], {
  RUSHES_EVENT_LOG: 'kafka',
  ...(Object.fromEntries(services) as Record<string, string>),
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
  // Weak references and what they hold go one collection after another.
  for (let collection = 0; collection < 3; collection++) {
    globalThis.gc?.();
    await setImmediate();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const memory: GatewayMemory = { usedMb: (heapUsed + external) / 2 ** 20, residentMb: rss / 2 ** 20 };
  console.log(JSON.stringify(memory));
}
await application.close();
