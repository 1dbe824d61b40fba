import { Inject, Injectable } from '@nestjs/common';
import { EventLog, EventLogUnavailableError, EventRefusedError } from '@rushes/event-log';
import { checkInData, ObjectStore } from '@rushes/object-store';
import { monotonicEpochMs, RecordingLifecycle, recordingNowMs, topicOf, type ClaimsOf } from '@rushes/platform';
import { wrapEvent, type CaptureRequest, type EventEnvelope, type RecordingId } from '@rushes/timeline';
import { DuplicateFilter } from './admission/duplicate-filter.ts';
import { EventAdmission, type AdmittedEvent } from './admission/event-admission.ts';
import { RecordingLookup, type RecordingSpan } from './admission/recording-lookup.ts';
import { IntakeBudget } from './connection/intake-budget.ts';
import { IngestMetrics } from './metrics.ts';
import { defaultLimits, INGEST_OPTIONS, type IngestLimits, type IngestOptions } from './options.ts';
import { IngestRefusal } from './refusal.ts';

export type Batch = Extract<CaptureRequest, { kind: 'batch' }>;
export type Sender = ClaimsOf<'capture'>;

/** Takes batches of captured events into the event log: all of a batch, durably, or none of it. */
@Injectable()
export class BatchIntake {
  readonly limits: IngestLimits;
  readonly budget: IntakeBudget;
  readonly #admission: EventAdmission;
  readonly #duplicates = new DuplicateFilter();

  constructor(
    @Inject(EventLog) private readonly eventLog: EventLog,
    @Inject(ObjectStore) private readonly objectStore: ObjectStore,
    @Inject(RecordingLookup) private readonly recordings: RecordingLookup,
    @Inject(RecordingLifecycle) private readonly lifecycle: RecordingLifecycle,
    @Inject(IngestMetrics) private readonly metrics: IngestMetrics,
    @Inject(INGEST_OPTIONS) options: IngestOptions,
  ) {
    this.limits = { ...defaultLimits, ...options.limits };
    this.budget = new IntakeBudget(this.limits.maxHeldBytes);
    this.#admission = new EventAdmission(options.plugins);
  }

  /** @throws IngestRefusal `unauthorised` when the recording is gone, `unavailable` when the database does not answer */
  async spanOf(sender: Sender): Promise<RecordingSpan> {
    const span = await available(this.recordings.find(sender.recordingId));
    if (!span) throw new IngestRefusal('unauthorised', `There is no recording ${sender.recordingId}.`);
    this.lifecycle.heard(sender.recordingId);
    return span;
  }

  /**
   * Resolves when the batch is durable.
   * @param sizeBytes of the message it came in
   * @throws IngestRefusal
   */
  async take(batch: Batch, sender: Sender, sizeBytes: number): Promise<void> {
    const { source } = batch;
    if (!source.startsWith(`participants/${sender.participantId}/`)) {
      throw new IngestRefusal('unauthorised', `source: expected participants/${sender.participantId}/<captureId>`);
    }
    const misplaced = batch.events.find((event, index) => index > 0 && event.seq <= batch.events[index - 1]!.seq);
    if (misplaced) throw new IngestRefusal('malformed', 'seq: expected to rise', { seq: misplaced.seq });

    const { recordingId } = sender;
    const fresh = this.#duplicates.fresh(recordingId, source, batch.events);
    this.metrics.duplicates.inc(batch.events.length - fresh.length);
    const admitted = await this.admit(fresh, sender, sizeBytes);
    const envelopes = await this.wrap(admitted, source, recordingId);
    await this.append(envelopes);
    const seqs = fresh.map(({ seq }) => seq);
    this.#duplicates.add(recordingId, source, seqs);
    for (const [family, { length }] of Map.groupBy(envelopes, ({ type }) => type.split('.')[1] ?? '')) {
      this.metrics.events.inc({ family }, length);
    }
  }

  /** Both topics at once: they share a request. Waits for both, so that nothing is under way when the page is answered. */
  private async append(envelopes: readonly EventEnvelope[]): Promise<void> {
    const byTopic = Map.groupBy(envelopes, ({ type }) => topicOf(type));
    const outcomes = await Promise.allSettled(
      [...byTopic].map(([topic, ofTopic]) => available(this.eventLog.append(topic, ofTopic))),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  private async admit(events: Batch['events'], sender: Sender, messageBytes: number): Promise<AdmittedEvent[]> {
    const { recordedAt, endedAtMs } = await this.spanOf(sender);
    const { maxEventBytes, claimBytes } = this.limits;
    const context = {
      participantId: sender.participantId,
      latestMs: Math.min(endedAtMs ?? Infinity, recordingNowMs(recordedAt)),
      maxEventBytes,
      messageBytes,
      measureOverBytes: Math.min(maxEventBytes, claimBytes),
    };
    const admitted = events.map((event) => this.#admission.admit(event, context));
    this.metrics.sanitised.inc(admitted.reduce((sum, each) => sum + each.removed, 0));
    return admitted;
  }

  private async wrap(
    admitted: readonly AdmittedEvent[],
    source: string,
    recordingId: RecordingId,
  ): Promise<EventEnvelope[]> {
    const envelopes: EventEnvelope[] = [];
    const nowMs = monotonicEpochMs();
    for (const { seq, event, mostBytes } of admitted) {
      if (!event) continue;
      const envelope = wrapEvent(event, { recordingId, source, seq, nowMs });
      envelopes.push(mostBytes <= this.limits.claimBytes ? envelope : await this.checkIn(envelope));
    }
    return envelopes;
  }

  private async checkIn(envelope: EventEnvelope): Promise<EventEnvelope> {
    const claimed = await available(checkInData(this.objectStore, envelope, this.limits.claimBytes));
    if (claimed !== envelope) this.metrics.claims.inc();
    return claimed;
  }
}

/** How long to wait for what does not say it itself, milliseconds. */
const retryAfterMs = 2_000;

/** What the log, the store or the database cannot do now, the page may ask for again. */
async function available<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof EventRefusedError) throw new IngestRefusal('too-large', cause.message, { cause });
    const waitMs = cause instanceof EventLogUnavailableError ? cause.retryAfterMs : retryAfterMs;
    throw new IngestRefusal('unavailable', 'The events cannot be stored at the moment.', {
      cause,
      retryAfterMs: waitMs,
    });
  }
}
