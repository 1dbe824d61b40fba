import { FfmpegError, runFfmpegArgs } from '@rushes/media';
import type { ObjectStore } from '@rushes/object-store';
import { ObjectNotFoundError } from '@rushes/object-store';
import type { Logger } from '@rushes/platform';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import type { RecordingId, TrackId } from '@rushes/timeline';
import { hashBytes } from '../derivation/hash-bytes.ts';
import type { TrackDeriver } from '../derivation/track-deriver.ts';
import type { PacketRows, ParticipantTracks } from './packet-rows.ts';

export type PacketDropperParts = { store: ObjectStore; rows: PacketRows; deriver: TrackDeriver; logger: Logger };

/** What became of a participant's packets. `made-anew`: a file was not what packets give now, and is; looked at again later. */
export type DropOutcome = 'dropped' | 'not-due' | 'made-anew' | 'unverified';

type Verification = 'same' | 'different' | 'undecodable' | 'gone';

/**
 * Deletes raw packets that media files can stand in for: derives each file once more, compares and decodes it, and only then says in
 * the database that the packets may be gone, deletes them, and says that they are. Killed in between, it is done again: no track
 * that claims its packets ever lacks some.
 */
export class PacketDropper {
  constructor(private readonly parts: PacketDropperParts) {}

  /**
   * @param keepMs as for `PacketRows.due`
   * @throws the signal's reason; whatever the store or the database fail with: to be tried again
   */
  async drop(tracks: ParticipantTracks, keepMs: number | undefined, signal: AbortSignal): Promise<DropOutcome> {
    const { rows, logger } = this.parts;
    // A process that was killed has begun; what it found was right.
    if ((await rows.dropping(tracks)).length === 0) {
      const trackIds = await rows.kept(tracks, keepMs);
      if (trackIds.length === 0) return 'not-due';
      for (const trackId of trackIds) {
        const outcome = await this.verify(tracks.recordingId, trackId, signal);
        if (outcome !== undefined) return outcome;
      }
      if (!(await rows.mark(tracks, trackIds))) return 'not-due';
    }
    for (const trackId of await rows.dropping(tracks)) await this.erase(tracks.recordingId, trackId);
    logger.info(tracks, 'raw packets dropped');
    return 'dropped';
  }

  /** undefined when the file can stand in for the packets. */
  private async verify(
    recordingId: RecordingId,
    trackId: TrackId,
    signal: AbortSignal,
  ): Promise<DropOutcome | undefined> {
    const { deriver, logger } = this.parts;
    const found = await deriver.withDerived({ recordingId, trackId }, signal, async ({ media }, sha256, row) => {
      if (!media || !row.media) return 'different' as const;
      const stored = await this.hashStored(recordingPrefix(recordingId) + row.media.key);
      if (stored !== sha256) return 'different' as const;
      return (await isDecodable(media.path, signal)) ? ('same' as const) : ('undecodable' as const);
    });
    const verification: Verification = found ?? 'gone';
    if (verification === 'same') return undefined;
    if (verification === 'gone') return 'not-due';
    logger.error({ recordingId, trackId, verification }, 'a file cannot stand in for its packets, which stay');
    if (verification === 'undecodable') return 'unverified';
    await deriver.derive({ recordingId, trackId }, signal);
    return 'made-anew';
  }

  private async hashStored(key: string): Promise<string | undefined> {
    try {
      return await hashBytes((await this.parts.store.get(key)).body);
    } catch (error) {
      if (error instanceof ObjectNotFoundError) return undefined;
      throw error;
    }
  }

  private async erase(recordingId: RecordingId, trackId: TrackId): Promise<void> {
    const { store, rows } = this.parts;
    const keys: string[] = [];
    const prefix = recordingPrefix(recordingId) + objectKeys.packetsPrefix(trackId);
    for await (const { key } of store.list(prefix)) keys.push(key);
    for (let from = 0; from < keys.length; from += keysAtOnce) await store.delete(keys.slice(from, from + keysAtOnce));
    await rows.setDropped(recordingId, trackId);
  }
}

const keysAtOnce = 500;

/** Whether ffmpeg decodes all of it without an error. */
async function isDecodable(path: string, signal: AbortSignal): Promise<boolean> {
  try {
    await runFfmpegArgs(['-v', 'error', '-xerror', '-i', path, '-f', 'null', '-'], { signal });
    return true;
  } catch (error) {
    if (signal.aborted || !(error instanceof FfmpegError)) throw error;
    return false;
  }
}
