import { appendFile, mkdir, open, rm, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingId } from '@rushes/timeline';
import { encodeDumpHeader, encodeDumpPacket, encodeNote } from '@rushes/media';
import type { DumpPacket, TrackHeader, TrackNote } from '@rushes/media';
import type { RecordedTrack } from '../track/recorded-track.ts';
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
  onError: (error: unknown) => void;
};

/** Objects are at most this long. */
export const pieceMs = 5000;
/** What a killed process may lose: packets wait this long in memory, so that one write takes many. */
const flushMs = 50;

type OpenPiece = {
  n: number;
  path: string;
  handle: FileHandle;
  sizeBytes: number;
  packetCount: number;
  firstMs: number;
  lastMs: number;
};

/** Appends one track's packets and notes to local files, and hands on the pieces that are full. */
export class TrackSpool {
  readonly path: string;
  readonly header: TrackHeader;
  readonly recordedTrack: RecordedTrack;
  /** Packets taken. */
  packetCount = 0;
  private buffered: { bytes: Uint8Array; atMs: number }[] = [];
  private flushTimer: NodeJS.Timeout | undefined;
  private pieceTimer: NodeJS.Timeout | undefined;
  private piece: OpenPiece | undefined;
  private nextPiece = 0;
  private lostSinceMs: number | undefined;
  /** File operations happen one after another. */
  private work: Promise<void>;
  private readonly piecesStored: Promise<boolean>[] = [];
  private notesStored = Promise.resolve(true);

  constructor(private readonly options: TrackSpoolOptions) {
    const { folder, recordingId, recordedAt, header } = options;
    this.header = header;
    this.recordedTrack = { recordingId, trackId: header.trackId };
    this.path = trackFolder(folder, this.recordedTrack);
    const about: SpoolAbout = { ...this.recordedTrack, recordedAt };
    this.work = this.begin(about);
    // Whoever waits for the work is told; until then it is no unhandled rejection.
    this.work.catch(options.onError);
  }

  append(packet: DumpPacket): void {
    if (this.options.isFull()) {
      this.lostSinceMs ??= packet.atMs;
      return;
    }
    this.endLoss(packet.atMs);
    this.packetCount++;
    this.buffered.push({ bytes: encodeDumpPacket(packet), atMs: Math.floor(packet.atMs) });
    this.flushTimer ??= setTimeout(() => this.flush(), flushMs);
  }

  note(note: TrackNote): void {
    this.enqueue(async () => {
      await appendFile(this.notesPath, encodeNote(note));
      this.storeNotes();
    });
  }

  /**
   * Writes what is left, and the end. @returns when the disk has it: `stored` resolves with whether the object store has
   * all pieces too.
   */
  async close(atMs: number): Promise<{ stored: Promise<boolean> }> {
    clearTimeout(this.pieceTimer);
    this.endLoss(atMs);
    this.flush();
    this.note({ kind: 'ended', atMs });
    this.enqueue(() => this.finishPiece());
    await this.work;
    return { stored: Promise.all([...this.piecesStored, this.notesStored]).then((stored) => stored.every(Boolean)) };
  }

  /** When everything is stored and noted elsewhere. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  /** Resolves when everything appended so far is in local files. */
  async whenWritten(): Promise<void> {
    this.flush();
    await this.work;
  }

  private get notesPath(): string {
    return join(this.path, spoolFiles.notes);
  }

  private async begin(about: SpoolAbout): Promise<void> {
    await mkdir(this.path, { recursive: true });
    await writeFile(this.notesPath, encodeNote(this.options.header));
    await writeFile(join(this.path, spoolFiles.about), JSON.stringify(about));
    this.storeNotes();
  }

  /** The notes are few: each time the whole file goes, one after the other, so that an older one never comes last. */
  private storeNotes(): void {
    this.notesStored = this.notesStored.then(() => this.options.onNotes(this.notesPath));
  }

  private endLoss(atMs: number): void {
    if (this.lostSinceMs === undefined) return;
    this.note({ kind: 'lost', atMs: this.lostSinceMs, toMs: atMs, reason: 'spool-full' });
    this.lostSinceMs = undefined;
  }

  private flush(): void {
    clearTimeout(this.flushTimer);
    this.flushTimer = undefined;
    const packets = this.buffered;
    this.buffered = [];
    if (packets.length > 0) this.enqueue(() => this.write(packets));
  }

  private enqueue(task: () => Promise<void>): void {
    this.work = this.work.then(task).catch(this.options.onError);
  }

  private async write(packets: readonly { bytes: Uint8Array; atMs: number }[]): Promise<void> {
    for (let from = 0; from < packets.length;) {
      const piece = await this.pieceFor(packets[from]!.atMs);
      let to = from;
      while (to < packets.length && packets[to]!.atMs - piece.firstMs < pieceMs) to++;
      const batch = packets.slice(from, Math.max(to, from + 1));
      const { bytesWritten } = await piece.handle.writev(batch.map(({ bytes }) => bytes));
      piece.sizeBytes += bytesWritten;
      piece.packetCount += batch.length;
      piece.lastMs = batch.at(-1)!.atMs;
      from += batch.length;
    }
  }

  /** The open piece, or a new one when it is full. */
  private async pieceFor(atMs: number): Promise<OpenPiece> {
    if (this.piece && atMs - this.piece.firstMs >= pieceMs) await this.finishPiece();
    if (this.piece) return this.piece;
    const n = this.nextPiece++;
    const path = join(this.path, spoolFiles.piece(n));
    const handle = await open(path, 'a');
    const header = encodeDumpHeader(this.options.recordedAt);
    await handle.write(header);
    this.piece = { n, path, handle, sizeBytes: header.length, packetCount: 0, firstMs: atMs, lastMs: atMs };
    // A track that falls silent does not keep its last packets to itself.
    clearTimeout(this.pieceTimer);
    this.pieceTimer = setTimeout(() => this.enqueue(() => this.finishPiece(n)), pieceMs + flushMs).unref();
    return this.piece;
  }

  private async finishPiece(onlyIfNumber?: number): Promise<void> {
    const piece = this.piece;
    if (!piece || (onlyIfNumber !== undefined && piece.n !== onlyIfNumber)) return;
    this.piece = undefined;
    await piece.handle.close();
    const { n, path, sizeBytes, packetCount, firstMs, lastMs } = piece;
    this.piecesStored.push(
      this.options.onPiece({
        ...this.recordedTrack,
        header: this.header,
        n,
        path,
        sizeBytes,
        packetCount,
        firstMs,
        lastMs,
      }),
    );
  }
}
