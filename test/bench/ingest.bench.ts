import { WebSocket } from 'ws';
import { IngestModule } from '@rushes/ingest';
import { newId, RecordingLifecycle, TokenService } from '@rushes/platform';
import { startTestApplication, type TestApplication } from '@rushes/platform/testing';
import { captureOverhead } from '../fixtures/capture-overhead.ts';
import { measureGateway } from './gateway/measure-gateway.ts';
import { report } from './table.ts';

/** Ten pages with a lively DOM say a few hundred events a second; the gateway is to stand ten times that. */
const wantedPerSecond = 2_000;
const connections = 8;
const eventsPerBatch = 100;
const measuredMs = 8_000;

/** One page that sends batch after batch, each when the one before is durable. Returns how many events were acknowledged. */
async function sendUntil(application: TestApplication, recordingId: string, endsAt: number): Promise<number> {
  const claims = { scope: 'capture', recordingId, participantId: 'ann' } as const;
  const url = new URL('/v1/capture', application.url.replace('http', 'ws'));
  url.searchParams.set('token', await application.app.get(TokenService).issue(claims, 600));
  const socket = new WebSocket(url);
  await new Promise((resolve) => socket.once('open', resolve));
  const source = `participants/ann/${newId()}`;
  const ask = (message: object) =>
    new Promise<{ kind: string }>((resolve) => {
      socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString()) as { kind: string }));
      socket.send(JSON.stringify(message));
    });
  await ask({ kind: 'hello', protocol: 1, source });
  let seq = 0;
  for (let batchId = 0; performance.now() < endsAt; batchId++) {
    const events = Array.from({ length: eventsPerBatch }, () => event(seq++));
    const reply = await ask({ kind: 'batch', batchId, source, events });
    if (reply.kind !== 'ack') throw new Error(`expected ack, got ${JSON.stringify(reply)}`);
  }
  socket.close();
  return seq;
}

/** One chat line among nine page events of the usual size. */
function event(seq: number) {
  if (seq % 10 === 0)
    return { seq, type: 'rushes.chat.message-sent.v1', atMs: seq, data: { messageId: `m${seq}`, text: 'Hello' } };
  const attributes = [
    { id: 12, attributes: { class: 'tile speaking', style: { width: '320px', transform: 'scale(1.02)' } } },
  ];
  const data = { source: 0, texts: [], removes: [], adds: [], attributes };
  return {
    seq,
    type: 'rushes.dom.recorded.v1',
    atMs: seq,
    data: { surface: 'ann', event: { type: 3, timestamp: 0, data } },
  };
}

const unlimited = { eventsPerSecond: 1e9, burstEvents: 1e9 };
const application = await startTestApplication([IngestModule.forRoot({ limits: unlimited })]);
const lifecycle = application.app.get(RecordingLifecycle);
const { recordingId } = await lifecycle.start({ roomId: newId(), holderId: lifecycle.holderId });
const startedAt = performance.now();
const counts = await Promise.all(
  Array.from({ length: connections }, () => sendUntil(application, recordingId, startedAt + measuredMs)),
);
const seconds = (performance.now() - startedAt) / 1000;
report({
  what: `ingest, ${connections} pages, batches of ${eventsPerBatch}, embedded log`,
  ours: counts.reduce((sum, count) => sum + count, 0) / seconds,
  against: wantedPerSecond,
  unit: 'acknowledged events/s',
  better: 'higher',
});
await application.close();

const gateway = await measureGateway();
const what = 'gateway process into Kafka, 8 pages, batches of 100';
const { perSecond: ours, bareZstd, bareUncompressed, share } = gateway;
const unit = 'acknowledged events/s';
report({ what, ours, against: bareZstd, unit, better: 'higher', peer: 'kafkajs, zstd' });
report({ what, ours, against: bareUncompressed, unit, better: 'higher', peer: 'kafkajs, uncompressed' });
report({ what: 'the same, share of kafkajs alone', ours: share, against: 0.6, unit: '× kafkajs', better: 'higher' });
report({
  what: 'the same, processor time for an event',
  ours: gateway.cpuMicros,
  against: gateway.bareCpuMicros,
  unit: 'µs',
  better: 'lower',
  peer: 'kafkajs, zstd',
});
report({ what: 'the same, 99 of 100 batches within', ours: gateway.p99Ms, against: 250, unit: 'ms', better: 'lower' });
report({
  what: 'gateway, 500 connected captures, 99 of 100 within',
  ours: gateway.pagesP99Ms,
  against: 250,
  unit: 'ms',
  better: 'lower',
});
report({
  what: 'gateway, 500 connected captures, memory grown in 30 s',
  // Less than nothing is nothing.
  ours: Math.max(1, gateway.grownMb),
  against: 8,
  unit: 'MB',
  better: 'lower',
});

const { sharePercent } = await captureOverhead({ seconds: 30 });
report({
  what: 'capture SDK, lively meeting page with four tiles',
  ours: sharePercent,
  against: 1,
  unit: '% of main thread',
  better: 'lower',
});
