import type { DynamicModule } from '@nestjs/common';
import { Database } from '@rushes/database';
import { EventLog } from '@rushes/event-log';
import { ObjectStore } from '@rushes/object-store';
import { newId, RecordingLifecycle, topicOf } from '@rushes/platform';
import { startTestApplication, type TestApplication } from '@rushes/platform/testing';
import {
  decodeChunk,
  manifestSchema,
  objectKeys,
  recordingPrefix,
  wrapEvent,
  type DomChunk,
  type EventsChunk,
  type Manifest,
} from '@rushes/timeline';
import { TimelineWriterModule } from '../timeline-writer.module.ts';
import { TimelineWriter } from '../timeline-writer.ts';
import type { TimelineWriterOptions } from '../options.ts';

export type SaidEvent = {
  source: string;
  seq: number;
  type: string;
  atMs: number;
  participantId?: string;
  data: unknown;
};

/** `dataDir`: a folder that outlives the application. `modules`: what else runs in it. */
export type FixtureOptions = TimelineWriterOptions & { dataDir?: string; modules?: readonly DynamicModule[] };

/** A running timeline writer on the embedded adapters, with one recording to write to. */
export class RecordingFixture {
  private constructor(
    readonly application: TestApplication,
    readonly recordingId: string,
  ) {}

  /** It flushes only when a test asks, unless `options` say otherwise. */
  static async start(options: FixtureOptions = {}): Promise<RecordingFixture> {
    const { dataDir, modules = [], ...writer } = options;
    const application = await startTestApplication(
      [TimelineWriterModule.forRoot({ flushIntervalMs: 3_600_000, ...writer }), ...modules],
      dataDir === undefined ? {} : { RUSHES_DATA_DIR: dataDir },
    );
    return new RecordingFixture(application, '').another();
  }

  /** The same application with a new recording. */
  async another(): Promise<RecordingFixture> {
    const lifecycle = this.application.app.get(RecordingLifecycle);
    const row = await lifecycle.start({ roomId: newId(), title: 'Stand-up', holderId: lifecycle.holderId });
    return this.of(row.recordingId);
  }

  of(recordingId: string): RecordingFixture {
    return new RecordingFixture(this.application, recordingId);
  }

  get writer(): TimelineWriter {
    return this.application.app.get(TimelineWriter);
  }
  get log(): EventLog {
    return this.application.app.get(EventLog);
  }
  get objects(): ObjectStore {
    return this.application.app.get(ObjectStore);
  }
  get database(): Database {
    return this.application.app.get(Database);
  }

  async say(...events: SaidEvent[]): Promise<void> {
    for (const { source, seq, ...event } of events) {
      const envelope = wrapEvent(event, { recordingId: this.recordingId, source, seq, nowMs: 1_000_000 });
      await this.log.append(topicOf(event.type), [envelope]);
    }
  }

  async end(): Promise<void> {
    await this.application.app.get(RecordingLifecycle).end(this.recordingId, 'stopped');
  }

  async manifest(): Promise<Manifest> {
    const bytes = await this.objects.read(recordingPrefix(this.recordingId) + objectKeys.manifest);
    return manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  }

  async eventsChunks(): Promise<EventsChunk[]> {
    const { timeline } = await this.manifest();
    const chunks = await Promise.all(timeline.events.map((ref) => this.chunk(ref.key)));
    return chunks.filter((chunk) => chunk.kind === 'events');
  }

  async domChunks(surface: string): Promise<DomChunk[]> {
    const { timeline } = await this.manifest();
    const refs = timeline.surfaces.find((each) => each.surface === surface)?.chunks ?? [];
    const chunks = await Promise.all(refs.map((ref) => this.chunk(ref.key)));
    return chunks.filter((chunk) => chunk.kind === 'dom');
  }

  private async chunk(key: string) {
    return decodeChunk(await this.objects.read(recordingPrefix(this.recordingId) + key));
  }
}

/** The chat lines of chunks, in order. */
export function chatTexts(chunks: readonly EventsChunk[]): string[] {
  return chunks.flatMap((chunk) =>
    chunk.events.flatMap((event) => (event.type === 'rushes.chat.message-sent.v1' ? [event.data.text] : [])),
  );
}

export function chat(source: string, seq: number, atMs: number, text: string): SaidEvent {
  const participantId = source.split('/')[1]!;
  const data = { messageId: `${participantId}-${seq}`, text };
  return { source, seq, type: 'rushes.chat.message-sent.v1', atMs, participantId, data };
}

export function joined(participantId: string, atMs: number, name: string): SaidEvent {
  const data = { name, role: 'guest', presenceId: `${participantId}-1` };
  const type = 'rushes.participant.joined.v1';
  return { source: `services/rooms/${participantId}`, seq: 0, type, atMs, participantId, data };
}

/** @param type rrweb event type: 2 FullSnapshot, 3 incremental, 4 Meta */
export function dom(source: string, seq: number, atMs: number, type: number, mark: string): SaidEvent {
  const participantId = source.split('/')[1]!;
  const event = { type, timestamp: 0, data: { mark } };
  const data = { surface: participantId, event };
  return { source, seq, type: 'rushes.dom.recorded.v1', atMs, participantId, data };
}
