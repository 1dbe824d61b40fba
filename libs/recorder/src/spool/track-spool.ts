import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingId } from '@rushes/timeline';
import { encodeDumpPacket } from '@rushes/media';
import type { DumpPacket, TrackHeader, TrackNote } from '@rushes/media';
import type { RecordedTrack } from '../track/recorded-track.ts';
import { NotesFile } from './notes-file.ts';
import { PieceFile } from './piece-file.ts';
import type { SpoolPiece } from './spool-piece.ts';
import { spoolFiles, trackFolder } from './spool-paths.ts';
import type { SpoolAbout } from './spool-paths.ts';

export type TrackSpoolOptions = {
  folder: string;
  recordingId: RecordingId;
  recordedAt: number;
  header: TrackHeader;
  /** Gets every finished piece; resolves when it has left the disk. */
  onPiece: (piece: SpoolPiece) => Promise<boolean>;
  /** Gets the notes' file when it has grown; resolves with whether it is stored. */
  onNotes: (path: string) => Promise<boolean>;
  /** While true, packets are not taken: the disk belongs to others too. */
  isFull: () => boolean;
  /** Told when the disk refuses something, and with undefined when it takes packets. */
  onDisk: (error: unknown) => void;
};

/** Objects are at most this long. */
const pieceMs = 5000;
/** What a killed process may lose: packets wait this long in memory, so that one write takes many. */
const flushMs = 50;
/** A disk that takes nothing is left alone for so long. */
const diskPauseMs = 1000;

type BufferedPacket = { bytes: Uint8Array; atMs: number };

/**
 * Appends one track's packets and notes to local files, and hands on the pieces that are full. Packets that the spool or the disk
 * does not take are lost, and a note says from when to when; notes wait until the disk takes them.
 */
export class TrackSpool {
  readonly path: string;
  readonly header: TrackHeader;
  readonly recordedTrack: RecordedTrack;
  /** Packets taken. */
  packetCount = 0;
  private buffered: BufferedPacket[] = [];
  private flushTimer: NodeJS.Timeout | undefined;
  private pieceTimer: NodeJS.Timeout | undefined;
  private piece: PieceFile | undefined;
  private nextPiece = 0;
  private hasBegun = false;
  private hasEnded = false;
  /** Since when packets are not taken, or taken and not written. */
  private lostSinceMs: number | undefined;
  private diskPausedUntil = 0;
  private readonly notes: NotesFile;
  /** File operations happen one after another. */
  private work = Promise.resolve();
  private readonly piecesStored: Promise<boolean>[] = [];
  private notesStored = Promise.resolve(true);

  constructor(private readonly options: TrackSpoolOptions) {
    const { folder, recordingId, header } = options;
    this.header = header;
    this.recordedTrack = { recordingId, trackId: header.trackId };
    this.path = trackFolder(folder, this.recordedTrack);
    this.notes = new NotesFile(join(this.path, spoolFiles.notes), header);
    this.enqueue(() => this.writeNotes());
  }

  /** After {@link close} nothing is taken: its folder may be gone. */
  append(packet: DumpPacket): void {
    if (this.hasEnded) return;
    if (this.options.isFull()) {
      this.lostSinceMs ??= packet.atMs;
      return;
    }
    this.packetCount++;
    this.buffered.push({ bytes: encodeDumpPacket(packet), atMs: Math.floor(packet.atMs) });
    this.flushTimer ??= setTimeout(() => this.flush(), flushMs);
  }

  /** After {@link close} nothing is taken. */
  note(note: TrackNote): void {
    if (this.hasEnded) return;
    this.notes.add(note);
    this.enqueue(() => this.writeNotes());
  }

  /**
   * Writes what is left, and the end. @returns when the disk has it: `stored` resolves with whether the object store has
   * all pieces too.
   */
  async close(atMs: number): Promise<{ stored: Promise<boolean> }> {
    this.hasEnded = true;
    clearTimeout(this.pieceTimer);
    this.flush();
    this.enqueue(async () => {
      this.endLoss(atMs);
      this.notes.add({ kind: 'ended', atMs });
      await this.finishPiece();
      await this.writeNotes();
    });
    await this.work;
    return { stored: Promise.all([...this.piecesStored, this.notesStored]).then((stored) => stored.every(Boolean)) };
  }

  /** Resolves when everything appended so far is in local files, or lost. */
  async whenWritten(): Promise<void> {
    this.flush();
    await this.work;
  }

  private flush(): void {
    clearTimeout(this.flushTimer);
    this.flushTimer = undefined;
    const packets = this.buffered;
    this.buffered = [];
    if (packets.length > 0) this.enqueue(() => this.write(packets));
  }

  private enqueue(task: () => Promise<void>): void {
    this.work = this.work.then(task).catch((error: unknown) => this.options.onDisk(error));
  }

  private async begin(): Promise<void> {
    if (this.hasBegun) return;
    const about: SpoolAbout = { ...this.recordedTrack, recordedAt: this.options.recordedAt };
    await mkdir(this.path, { recursive: true });
    await this.notes.write();
    await writeFile(join(this.path, spoolFiles.about), JSON.stringify(about));
    this.hasBegun = true;
    this.storeNotes();
  }

  private async writeNotes(): Promise<void> {
    await this.begin();
    if (await this.notes.write()) this.storeNotes();
  }

  /** The notes are few: each time the whole file goes, one after the other, so that an older one never comes last. */
  private storeNotes(): void {
    this.notesStored = this.notesStored.then(() => this.options.onNotes(this.notes.path));
  }

  private async write(packets: readonly BufferedPacket[]): Promise<void> {
    const firstMs = packets[0]!.atMs;
    if (performance.now() < this.diskPausedUntil) {
      this.lostSinceMs ??= firstMs;
      return;
    }
    let from = 0;
    try {
      await this.begin();
      while (from < packets.length) from += await this.writeSome(packets.slice(from));
      this.endLoss(firstMs);
      await this.writeNotes();
      this.options.onDisk(undefined);
    } catch (error) {
      this.diskPausedUntil = performance.now() + diskPauseMs;
      if (from < packets.length) this.lostSinceMs ??= packets[from]!.atMs;
      throw error;
    }
  }

  /** @returns how many packets the open piece took */
  private async writeSome(packets: readonly BufferedPacket[]): Promise<number> {
    const piece = await this.pieceFor(packets[0]!.atMs);
    const end = packets.findIndex(({ atMs }, index) => index > 0 && atMs - piece.firstMs >= pieceMs);
    const batch = end < 0 ? packets : packets.slice(0, end);
    await piece.append(batch);
    return batch.length;
  }

  private endLoss(atMs: number): void {
    // What was taken before may be written after.
    if (this.lostSinceMs === undefined || atMs < this.lostSinceMs) return;
    this.notes.add({ kind: 'lost', atMs: this.lostSinceMs, toMs: atMs, reason: 'spool-full' });
    this.lostSinceMs = undefined;
  }

  /** The open piece, or a new one when it is full. */
  private async pieceFor(atMs: number): Promise<PieceFile> {
    if (this.piece && atMs - this.piece.firstMs >= pieceMs) await this.finishPiece();
    if (this.piece) return this.piece;
    const n = this.nextPiece;
    this.piece = await PieceFile.open(n, join(this.path, spoolFiles.piece(n)), this.options.recordedAt, atMs);
    this.nextPiece++;
    // A track that falls silent does not keep its last packets to itself.
    clearTimeout(this.pieceTimer);
    this.pieceTimer = setTimeout(() => this.enqueue(() => this.finishPiece(n)), pieceMs + flushMs).unref();
    return this.piece;
  }

  private async finishPiece(onlyIfNumber?: number): Promise<void> {
    const piece = this.piece;
    if (!piece || (onlyIfNumber !== undefined && piece.n !== onlyIfNumber)) return;
    this.piece = undefined;
    await piece.close();
    const { n, path, sizeBytes, packetCount, firstMs, lastMs } = piece;
    this.piecesStored.push(
      this.options.onPiece({
        ...this.recordedTrack,
        ...{ header: this.header, n, path, sizeBytes, packetCount, firstMs, lastMs },
      }),
    );
  }
}
