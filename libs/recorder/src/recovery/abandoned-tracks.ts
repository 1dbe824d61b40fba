import { decodeNotes, encodeNote } from '@rushes/media';
import type { TrackNotes } from '@rushes/media';
import type { ObjectStore } from '@rushes/object-store';
import { ObjectNotFoundError } from '@rushes/object-store';
import type { Logger } from '@rushes/platform';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import type { DerivationJobs } from '../derivation/derivation-jobs.ts';
import type { RecordedTrack } from '../track/recorded-track.ts';
import type { TrackAnnouncer } from '../track/track-announcer.ts';
import type { AbandonedTrack, TrackRows } from '../track/track-rows.ts';

export type AbandonedTracksParts = {
  store: ObjectStore;
  rows: TrackRows;
  jobs: DerivationJobs;
  announcer: TrackAnnouncer;
  logger: Logger;
  /** Tracks that this process has. */
  held: () => readonly RecordedTrack[];
  /** How long a recorder may be silent before its tracks are made of what is stored. */
  graceMs: number;
};

const sweepMs = 10_000;
/** In every so manieth round tracks are looked for that nobody has asked to derive. */
const requestRounds = 6;
/** After the database was away, every recorder gets this long to say that it lives. */
const settleMs = 60_000;

/**
 * Says that this process lives and has its tracks, and closes those whose recorder has died and does not come back: what is stored is
 * derived, with a gap `recorder-down` up to their end. When the recorder does come back with its spool, it finishes the track as if
 * nothing had been, and it is derived again.
 */
export class AbandonedTracks {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;
  /** Since when the database has answered every time, by `performance.now`. */
  private connectedSince: number | undefined;
  private round = 0;

  constructor(private readonly parts: AbandonedTracksParts) {}

  start(): void {
    this.timer = setInterval(() => void this.sweep(), sweepMs).unref();
    void this.sweep();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** One round, or the one that runs. Errors are logged: the next round tries again. */
  sweep(): Promise<void> {
    this.sweeping ??= this.runSweep()
      .catch((err: unknown) => {
        this.connectedSince = undefined;
        this.parts.logger.error({ err }, 'abandoned tracks could not be looked for');
      })
      .finally(() => (this.sweeping = undefined));
    return this.sweeping;
  }

  private async runSweep(): Promise<void> {
    const { rows, jobs, held, graceMs } = this.parts;
    await rows.heard(held());
    this.connectedSince ??= performance.now();
    if (performance.now() - this.connectedSince >= Math.min(settleMs, graceMs)) {
      for (const track of await rows.abandoned(graceMs)) await this.close(track);
    }
    // Whoever ended them may have died, or not have reached the database, before it could ask.
    if (this.round++ % requestRounds !== 0) return;
    for (const track of await rows.withStatus('spooled')) await jobs.request(track);
  }

  private async close(track: AbandonedTrack): Promise<void> {
    const { rows, jobs, announcer, logger, graceMs } = this.parts;
    const storedMs = Math.max(track.startMs, await rows.lastStoredMs(track));
    // It lived for up to a round longer than it was heard of.
    const livedMs = track.heardAtMs === null ? Infinity : track.heardAtMs + sweepMs;
    const knownMs = Math.min(track.endedAtMs ?? Infinity, livedMs);
    const endMs = Number.isFinite(knownMs) ? Math.max(storedMs, knownMs) : storedMs;
    const notes = await this.readNotes(track);
    if (notes) await this.completeNotes(track, notes, storedMs, endMs);
    const lost = { fromMs: Math.round(storedMs), toMs: Math.round(endMs), reason: 'recorder-down' as const };
    const gaps = notes || lost.toMs <= lost.fromMs ? [] : [lost];
    if (!(await rows.endAbandoned(track, graceMs, { status: notes ? 'spooled' : 'empty', endMs, gaps }))) return;
    if (notes) await jobs.request(track);
    else await announcer.gapsFound(track, gaps);
    const { recordingId, trackId } = track;
    logger.warn({ recordingId, trackId, storedMs, endMs }, 'closed a track whose recorder has not come back');
  }

  /** undefined when its recorder died before it had stored any. */
  private async readNotes({ recordingId, trackId }: RecordedTrack): Promise<TrackNotes | undefined> {
    try {
      return decodeNotes(await this.parts.store.read(recordingPrefix(recordingId) + objectKeys.trackNotes(trackId)));
    } catch (error) {
      if (error instanceof ObjectNotFoundError) return undefined;
      throw error;
    }
  }

  /** A recorder that comes back replaces them by its own. */
  private async completeNotes(
    { recordingId, trackId }: RecordedTrack,
    { header, notes }: TrackNotes,
    storedMs: number,
    endMs: number,
  ): Promise<void> {
    if (notes.some(({ kind }) => kind === 'ended')) return;
    if (endMs > storedMs) notes.push({ kind: 'lost', atMs: storedMs, toMs: endMs, reason: 'recorder-down' });
    notes.push({ kind: 'ended', atMs: endMs });
    const text = [header, ...notes].map(encodeNote).join('');
    await this.parts.store.put(recordingPrefix(recordingId) + objectKeys.trackNotes(trackId), Buffer.from(text));
  }
}
