import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { EventLog, topics } from '@rushes/event-log';
import { applyTopics } from '@rushes/event-log/kafka';
import { newId, RecordingLifecycle, TokenService } from '@rushes/platform';
import { startTestApplication, type TestApplication } from '@rushes/platform/testing';
import type { CaptureReply } from '@rushes/timeline';
import { startServices, type RunningServices } from '../../../scripts/services/index.ts';
import { describeWith } from '../../../test/fixtures/services.ts';
import { IngestModule } from './ingest.module.ts';

describeWith('kafka', 'A gateway whose Kafka is stopped and started', () => {
  let services: RunningServices;
  let application: TestApplication;

  beforeAll(async () => {
    services = await startServices({ only: ['kafka'] });
    await applyTopics({ connection: { brokers: services.kafka!.brokers } });
    application = await startTestApplication([IngestModule.forRoot()], services.env());
  });
  afterAll(async () => {
    await application?.close();
    await services?.stop();
  });

  /** What the log holds of the page, in its order. */
  const logged = async (source: string) => {
    const seqs: number[] = [];
    const subscription = await application.app.get(EventLog).subscribe({
      group: newId(),
      topics: [topics.events],
      onRecords: async (records) => {
        for (const { event } of records) if (event.source === source) seqs.push(event.seq);
      },
    });
    await subscription.whenCaughtUp();
    await subscription.close();
    return seqs;
  };

  it('refuses meanwhile and says when to come again, then takes all, on the same connection', async () => {
    const lifecycle = application.app.get(RecordingLifecycle);
    const { recordingId } = await lifecycle.start({ roomId: newId(), holderId: lifecycle.holderId });
    const url = new URL('/v1/capture', application.url.replace('http', 'ws'));
    const claims = { scope: 'capture', recordingId, participantId: 'ann' } as const;
    url.searchParams.set('token', await application.app.get(TokenService).issue(claims, 600));
    const socket = new WebSocket(url);
    await once(socket, 'open');
    const ask = async (request: object) => {
      socket.send(JSON.stringify(request));
      const [data] = (await once(socket, 'message')) as [Buffer];
      return JSON.parse(data.toString()) as CaptureReply;
    };
    const source = `participants/ann/${newId()}`;
    const say = (first: number) => {
      const events = [first, first + 1].map((seq) => {
        const data = { messageId: `m${seq}`, text: 'hi' };
        return { seq, type: 'rushes.chat.message-sent.v1', atMs: seq, data };
      });
      return ask({ kind: 'batch', batchId: first, source, events });
    };

    await ask({ kind: 'hello', protocol: 1, source });
    expect(await say(0)).toEqual({ kind: 'ack', batchId: 0 });
    await services.kafka!.stop();
    const refused = { kind: 'nack', batchId: 2, code: 'unavailable', retriable: true };
    expect(await say(2)).toMatchObject({ ...refused, retryAfterMs: expect.any(Number) as number });

    const starting = services.kafka!.start();
    await expect.poll(async () => (await say(2)).kind, { timeout: 90_000 }).toBe('ack');
    await starting;
    expect(await say(4)).toEqual({ kind: 'ack', batchId: 4 });
    // What was refused may have been stored all the same; consumers recognise it.
    expect([...new Set(await logged(source))]).toEqual([0, 1, 2, 3, 4, 5]);
    socket.close();
  });
});
