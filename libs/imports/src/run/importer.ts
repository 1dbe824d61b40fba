import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@rushes/database';
import type { ObjectStore } from '@rushes/object-store';
import { newId, RecordingRows, type EventPublisher, type Logger } from '@rushes/platform';
import { importedRoomId, type RecordingId } from '@rushes/timeline';
import { ImportError } from '../import-error.ts';
import type { FileReport } from '../import-report.ts';
import type { ImportPlan } from '../plan/plan-import.ts';
import { temporaryPrefixes } from '../sweep-leftovers.ts';
import { forgetPackets, importPackets, storePackets, type StoredPackets } from './import-packets.ts';
import { ImportHold, lostError } from './import-hold.ts';
import { importPage } from './import-page.ts';
import { ImportedEvents } from './imported-events.ts';
import { ImportRows } from './import-rows.ts';
import { importMedia, type TrackParts } from './import-tracks.ts';
import { People } from './people.ts';
import { roomEvents, type PlacedMessage, type StoredTrackFacts } from './room-events.ts';

export type ImporterParts = {
  database: Database;
  store: ObjectStore;
  publisher: EventPublisher;
  logger: Logger;
  /** This process, as a holder of recordings. */
  holderId: string;
};

/** A recording that was imported; `ready` as soon as the timeline writer has read its events. */
export type Imported = { recordingId: RecordingId; recordedAt: number; durationMs: number; files: FileReport[] };

/**
 * Makes recordings of planned imports, on the road that live ones take: tracks and packets into the object store, everything else as
 * events into the log, of which the timeline writer makes chunks and manifest.
 */
export class Importer {
  private readonly rows: ImportRows;
  private readonly recordings: RecordingRows;

  constructor(private readonly parts: ImporterParts) {
    this.rows = new ImportRows(parts.database);
    this.recordings = new RecordingRows(parts.database);
  }

  /**
   * Resolves when all is stored and said. The recording is there from the beginning, with status `processing`.
   * @param recordingId of the recording to make
   * @param announced what `announce` gave for it
   * @throws ImportError `nothing-imported`; the signal's reason when aborted. The recording has failed then
   */
  async run(
    plan: ImportPlan,
    signal: AbortSignal = new AbortController().signal,
    recordingId = newId(),
    announced?: ImportHold,
  ): Promise<Imported> {
    const { rows, parts } = this;
    const { document, clock } = plan;
    const { roomId, title } = document;
    const row = { recordingId, roomId, title, recordedAt: clock.recordedAt };
    if (!announced) await rows.begin({ ...row, holderId: parts.holderId });
    const hold = announced ?? new ImportHold(recordingId, rows, parts.logger);
    let folder: string | undefined;
    try {
      if (announced && !(await rows.describe(row))) throw lostError(recordingId);
      folder = await mkdtemp(join(tmpdir(), temporaryPrefixes.work));
      const { store, logger } = parts;
      const run = { recordingId, recordedAt: clock.recordedAt, folder, signal: AbortSignal.any([signal, hold.signal]) };
      const durationMs = await this.fill(plan, { ...run, store, rows, logger, report: plan.report });
      run.signal.throwIfAborted();
      // The timeline writer completes it from here.
      if (!(await rows.settle(recordingId))) throw lostError(recordingId);
      logger.info({ recordingId, durationMs }, 'recording imported');
      return { recordingId, recordedAt: clock.recordedAt, durationMs, files: plan.report.list() };
    } catch (error) {
      await this.giveUp(recordingId, hold);
      throw error;
    } finally {
      hold.release();
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    }
  }

  /** Makes the recording before anybody knows what will be in it. To be followed by `run` or `giveUp`. @param nowMs epoch milliseconds */
  async announce(recordingId: RecordingId, nowMs: number): Promise<ImportHold> {
    const { rows, parts } = this;
    const row = { recordingId, roomId: importedRoomId, title: undefined, recordedAt: Math.floor(nowMs) };
    await rows.begin({ ...row, holderId: parts.holderId });
    return new ImportHold(recordingId, rows, parts.logger);
  }

  /** Its recording has failed then. */
  async giveUp(recordingId: RecordingId, hold: ImportHold): Promise<void> {
    hold.release();
    await this.recordings.fail(recordingId);
  }

  /** @returns the recording's length, milliseconds */
  private async fill(plan: ImportPlan, parts: TrackParts): Promise<number> {
    const { document, clock, report } = plan;
    const { recordingId, rows, signal } = parts;
    const { publisher } = this.parts;
    const tracks = [...(await this.storeMedia(plan, parts)), ...(await this.storePackets(plan, parts))];

    const events = new ImportedEvents(publisher, recordingId, 'services/import');
    const { roomId, title } = document;
    const started = { roomId, recordedAt: clock.recordedAt, ...(title === undefined ? {} : { title }) };
    await events.add({ type: 'rushes.recording.started.v1', atMs: 0, data: started }, 0);
    await events.flush();

    const people = new People(document.participants, clock.place({ ms: 0 }));
    for (const { participantId, startMs, endMs } of tracks) people.seen(participantId, startMs, endMs);
    let lastMs = Math.max(0, ...tracks.map(({ endMs }) => endMs));
    for (const page of plan.pages) {
      const beginsMs = clock.place(page.anchor);
      const count = await importPage(page, beginsMs, { recordingId, publisher, signal });
      report.addEvents(page.file, count);
      const endMs = beginsMs + page.lastAt - page.firstAt;
      people.seen(page.participantId, beginsMs, endMs);
      lastMs = Math.max(lastMs, endMs);
    }
    const messages = placeMessages(plan, people);
    for (const { atMs } of messages) lastMs = Math.max(lastMs, atMs);
    for (const { presences } of people.list()) for (const { leftMs } of presences) lastMs = Math.max(lastMs, leftMs);
    if (tracks.length + plan.pages.length + messages.length === 0) {
      throw new ImportError('nothing-imported', 'none of the files could be taken', { files: report.list() });
    }

    const durationMs = Math.ceil(lastMs);
    await rows.setLength(recordingId, durationMs);
    for (const event of roomEvents({ people: people.list(), tracks, messages, durationMs })) await events.add(event, 0);
    await events.add({ type: 'rushes.recording.ended.v1', atMs: durationMs, data: { reason: 'imported' } }, 0);
    await events.flush();
    return durationMs;
  }

  private async storeMedia({ media, clock }: ImportPlan, parts: TrackParts): Promise<StoredTrackFacts[]> {
    const tracks: StoredTrackFacts[] = [];
    for (const planned of media) tracks.push(...(await importMedia(planned, clock.place(planned.anchor), parts)));
    return tracks;
  }

  /** All packets first: the tracks of a participant share their clock. */
  private async storePackets({ packets, clock }: ImportPlan, parts: TrackParts): Promise<StoredTrackFacts[]> {
    const stored: StoredPackets[] = [];
    for (const planned of packets) stored.push(await storePackets(planned, clock.place(planned.anchor), parts));
    const tracks: StoredTrackFacts[] = [];
    const refused = new Set<StoredPackets>();
    for (const each of stored) {
      const { participantId } = each.track.header;
      const kept = stored.filter((other) => !refused.has(other)).map(({ track }) => track);
      const siblings = kept.filter(({ header }) => header.participantId === participantId);
      const facts = await importPackets(each, siblings, parts);
      if (facts) tracks.push(facts);
      else refused.add(each);
    }
    for (const each of refused) await forgetPackets(each, parts);
    return tracks;
  }
}

function placeMessages({ chats, clock, report }: ImportPlan, people: People): PlacedMessage[] {
  return chats.flatMap(({ file, anchor, lines }) => {
    const beginsMs = clock.place(anchor);
    const messages = lines.map(({ who, text, ...time }) => {
      const atMs = 'epochMs' in time ? clock.place(time) : beginsMs + time.atMs;
      const participantId = people.idOf(who);
      people.seen(participantId, atMs, atMs);
      return { participantId, text, atMs };
    });
    report.addEvents(file, messages.length);
    return messages;
  });
}
