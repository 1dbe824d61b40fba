import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventLogClosedError } from '../errors.ts';
import { topics, type EventLog, type LogRecord, type SubscribeOptions, type Subscription } from '../event-log.ts';
import { Collector } from './collector.ts';
import { sampleEvents } from './sample-events.ts';

/** One place to keep a log in: every test gets a new, empty one. */
export type EventLogFactory = {
  /** Opens the log; called again after `close`, it opens the same one with what was stored in it. */
  open(): Promise<EventLog>;
  /** Frees what the place took. The log is closed by then. */
  dispose(): Promise<void>;
};

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

/** What members of a group were handed, once each: a change of hands may deliver again. */
const distinct = (...collectors: Collector[]) =>
  [...new Set(collectors.flatMap((collector) => collector.seqs))].sort((a, b) => a - b);

/** Declares the tests that every adapter of {@link EventLog} has to pass. */
export function testEventLog(name: string, createFactory: () => Promise<EventLogFactory>): void {
  describe(`${name} as an event log`, { timeout: 30_000 }, () => {
    let factory: EventLogFactory;
    let log: EventLog;

    beforeEach(async () => {
      factory = await createFactory();
      log = await factory.open();
    });
    afterEach(async () => {
      await log.close();
      await factory.dispose();
    });

    const reopen = async () => {
      await log.close();
      log = await factory.open();
    };
    const subscribe = (
      options: Partial<SubscribeOptions> & Pick<SubscribeOptions, 'onRecords'>,
    ): Promise<Subscription> => log.subscribe({ group: 'readers', topics: [topics.events], ...options });
    /** What a group that has never read sees, from the beginning. */
    const readAll = async (group: string): Promise<Collector> => {
      const collector = new Collector();
      const subscription = await subscribe({ group, onRecords: collector.onRecords });
      await subscription.whenCaughtUp();
      await subscription.close();
      return collector;
    };

    it('gives back an event exactly as it was appended', async () => {
      const [event] = sampleEvents(1);
      const odd = {
        ...event!,
        data: { text: 'a "quoted" \u0000 nul, \ud83c\udfac emoji, \ud800 lone surrogate\n', nested: [null, 1.5] },
      };
      await log.append(topics.events, [odd]);
      expect((await readAll('exact')).records.map((record) => record.event)).toEqual([odd]);
    });

    it('hands out what was there before the group and what comes after, in order', async () => {
      await log.append(topics.events, sampleEvents(3));
      const collector = new Collector();
      const subscription = await subscribe({ onRecords: collector.onRecords });
      await subscription.whenCaughtUp();
      await log.append(topics.events, sampleEvents(3, { from: 3 }));
      await collector.whenHolding(6);
      expect(collector.seqs).toEqual(range(0, 6));
    });

    it('numbers the records of a partition upwards', async () => {
      await log.append(topics.events, sampleEvents(5));
      const { records } = await readAll('offsets');
      const rises = records.slice(1).every((record, index) => record.offset > records[index]!.offset);
      expect(rises && records.every((record) => record.partition === records[0]!.partition)).toBe(true);
    });

    it('keeps the order of the calls when they are made at the same time', async () => {
      const calls = range(0, 300).flatMap((seq) =>
        ['rec-1', 'rec-2'].map((recordingId) => log.append(topics.events, sampleEvents(1, { recordingId, from: seq }))),
      );
      await Promise.all(calls);
      const collector = await readAll('order');
      expect(collector.seqsOf('rec-1')).toEqual(range(0, 300));
      expect(collector.seqsOf('rec-2')).toEqual(range(0, 300));
    });

    it('keeps topics apart', async () => {
      await log.append(topics.events, sampleEvents(1));
      await log.append(topics.dom, sampleEvents(1, { from: 10 }));
      expect((await readAll('events-only')).seqs).toEqual([0]);
      const both = new Collector();
      const subscription = await subscribe({ topics: [topics.events, topics.dom], onRecords: both.onRecords });
      await subscription.whenCaughtUp();
      expect([...both.seqs].sort((a, b) => a - b)).toEqual([0, 10]);
    });

    it('gives every group every record', async () => {
      await log.append(topics.events, sampleEvents(4));
      expect((await readAll('one')).seqs).toEqual(range(0, 4));
      expect((await readAll('two')).seqs).toEqual(range(0, 4));
    });

    it('shares the records of a group between its subscriptions', async () => {
      const [one, two] = [new Collector(), new Collector()];
      const first = await subscribe({ onRecords: one.onRecords });
      const second = await subscribe({ onRecords: two.onRecords });
      await log.append(topics.events, sampleEvents(20));
      await Promise.all([first.whenCaughtUp(), second.whenCaughtUp()]);
      expect(distinct(one, two)).toEqual(range(0, 20));
    });

    it('lets the others of a group go on when one leaves', async () => {
      const [one, two] = [new Collector(), new Collector()];
      const first = await subscribe({ onRecords: one.onRecords });
      const second = await subscribe({ onRecords: two.onRecords });
      await log.append(topics.events, sampleEvents(5));
      await Promise.all([first.whenCaughtUp(), second.whenCaughtUp()]);
      await first.close();
      await log.append(topics.events, sampleEvents(5, { from: 5 }));
      await second.whenCaughtUp();
      expect(distinct(one, two)).toEqual(range(0, 10));
    });

    it('starts a new group at the end when it is asked to', async () => {
      await log.append(topics.events, sampleEvents(3));
      const collector = new Collector();
      const subscription = await subscribe({ from: 'end', onRecords: collector.onRecords });
      await log.append(topics.events, sampleEvents(2, { from: 3 }));
      await subscription.whenCaughtUp();
      expect(collector.seqs).toEqual([3, 4]);
    });

    it('goes on after the checkpoint when it is opened again', async () => {
      await log.append(topics.events, sampleEvents(3));
      await readAll('readers');
      await reopen();
      await log.append(topics.events, sampleEvents(2, { from: 3 }));
      expect((await readAll('readers')).seqs).toEqual([3, 4]);
      expect((await readAll('newcomers')).seqs).toEqual(range(0, 5));
    });

    it('delivers again what a manual checkpoint does not cover', async () => {
      await log.append(topics.events, sampleEvents(6));
      const collector = new Collector();
      const subscription = await subscribe({ checkpoints: 'manual', onRecords: collector.onRecords });
      await subscription.whenCaughtUp();
      await subscription.checkpoint(collector.records[3]!);
      await subscription.checkpoint(collector.records[1]!);
      await reopen();
      const again = new Collector();
      const second = await subscribe({ checkpoints: 'manual', onRecords: again.onRecords });
      await second.whenCaughtUp();
      expect(again.seqs).toEqual([4, 5]);
    });

    it('never calls a consumer that is still busy', async () => {
      let running = 0;
      let most = 0;
      const subscription = await subscribe({
        topics: [topics.events, topics.dom],
        onRecords: async () => {
          most = Math.max(most, (running += 1));
          await new Promise(setImmediate);
          running -= 1;
        },
      });
      await Promise.all(
        range(0, 50).map((seq) => log.append(seq % 2 ? topics.events : topics.dom, sampleEvents(1, { from: seq }))),
      );
      await subscription.whenCaughtUp();
      expect(most).toBe(1);
    });

    it('delivers the same records again when the consumer rejects', async () => {
      const deliveries: number[][] = [];
      const subscription = await subscribe({
        onRecords: async (records: readonly LogRecord[]) => {
          deliveries.push(records.map((record) => record.event.seq));
          if (deliveries.length < 3) throw new Error('The disk is full, says the test');
        },
      });
      await log.append(topics.events, sampleEvents(2));
      await subscription.whenCaughtUp();
      expect(deliveries.slice(0, 3).map(([first]) => first)).toEqual([0, 0, 0]);
      expect(new Set(deliveries.flat())).toEqual(new Set([0, 1]));
    });

    it('tells how far a group is behind', async () => {
      const gate = Promise.withResolvers<void>();
      const subscription = await subscribe({ onRecords: () => gate.promise });
      await log.append(topics.events, sampleEvents(7));
      expect(await subscription.lag()).toBe(7);
      gate.resolve();
      await subscription.whenCaughtUp();
      expect(await subscription.lag()).toBe(0);
    });

    it('waits for the running delivery when a subscription is closed, and delivers nothing more', async () => {
      const gate = Promise.withResolvers<void>();
      const started = Promise.withResolvers<void>();
      const seen: number[] = [];
      const subscription = await subscribe({
        onRecords: async (records) => {
          started.resolve();
          await gate.promise;
          seen.push(...records.map((record) => record.event.seq));
        },
      });
      await log.append(topics.events, sampleEvents(1));
      await started.promise;
      const closing = subscription.close();
      gate.resolve();
      await Promise.all([closing, subscription.close()]);
      await log.append(topics.events, sampleEvents(1, { from: 1 }));
      expect(seen).toEqual([0]);
    });

    it('can be closed although the consumer keeps rejecting', async () => {
      const tried = Promise.withResolvers<void>();
      await subscribe({
        onRecords: async () => {
          tried.resolve();
          throw new Error('Always, says the test');
        },
      });
      await log.append(topics.events, sampleEvents(1));
      await tried.promise;
      await log.close();
      log = await factory.open();
      expect((await readAll('readers')).seqs).toEqual([0]);
    });

    it('takes large batches of large events', async () => {
      await log.append(topics.dom, sampleEvents(60, { padding: 250_000 }));
      const collector = new Collector();
      const subscription = await subscribe({ topics: [topics.dom], onRecords: collector.onRecords });
      await subscription.whenCaughtUp();
      expect(collector.seqs).toEqual(range(0, 60));
    });

    it('stores what was appended before it was closed and refuses what comes after', async () => {
      const appended = log.append(topics.events, sampleEvents(3));
      await log.close();
      await appended;
      await expect(log.append(topics.events, sampleEvents(1))).rejects.toBeInstanceOf(EventLogClosedError);
      log = await factory.open();
      expect((await readAll('readers')).seqs).toEqual(range(0, 3));
    });
  });
}
