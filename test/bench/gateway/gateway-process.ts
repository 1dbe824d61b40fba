import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { IngestModule } from '@rushes/ingest';
import { newId, RecordingLifecycle, TokenService } from '@rushes/platform';
import { startTestApplication } from '@rushes/platform/testing';

export type GatewayRequest = 'processor' | 'memory';
/** After `memory` that in use when garbage has been collected, MB. `cpuMs`: processor time of the whole process since its start, garbage collection and compression included. */
export type GatewayUsage = { usedMb: number; residentMb: number; cpuMs: number };

/**
 * A gateway alone in its process, as a bench measures it: takes RUSHES_KAFKA_* and RUSHES_DATABASE_* from its environment, prints
 * its pages' addresses and, for each {@link GatewayRequest}, what it uses. Ends with its input.
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
for await (const line of createInterface(process.stdin)) {
  const request = JSON.parse(line) as GatewayRequest;
  // Weak references and what they hold go one collection after another.
  for (let collection = 0; request === 'memory' && collection < 3; collection++) {
    globalThis.gc?.();
    await setImmediate();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const usage: GatewayUsage = {
    usedMb: (heapUsed + external) / 2 ** 20,
    residentMb: rss / 2 ** 20,
    cpuMs: (user + system) / 1000,
  };
  console.log(JSON.stringify(usage));
}
await application.close();
