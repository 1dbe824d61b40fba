import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { encodeDumpHeader } from '@rushes/media';

/** A piece that is being written. Times on the recording clock. */
export class PieceFile {
  sizeBytes = 0;
  packetCount = 0;
  lastMs: number;

  private constructor(
    readonly n: number,
    readonly path: string,
    readonly firstMs: number,
    private readonly handle: FileHandle,
  ) {
    this.lastMs = firstMs;
  }

  /** Leaves nothing behind when the disk takes no file. */
  static async open(n: number, path: string, recordedAt: number, firstMs: number): Promise<PieceFile> {
    const piece = new PieceFile(n, path, firstMs, await open(path, 'a'));
    try {
      await piece.write(encodeDumpHeader(recordedAt));
      return piece;
    } catch (error) {
      await piece.close();
      await rm(path, { force: true });
      throw error;
    }
  }

  /** All of the packets, or as if none: what the disk took of them is cut off again. */
  async append(packets: readonly { bytes: Uint8Array; atMs: number }[]): Promise<void> {
    await this.write(Buffer.concat(packets.map(({ bytes }) => bytes)));
    this.packetCount += packets.length;
    this.lastMs = packets.at(-1)?.atMs ?? this.lastMs;
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  private async write(bytes: Uint8Array): Promise<void> {
    try {
      // The disk may take less than it is given, and refuse the rest.
      for (let written = 0; written < bytes.length;) {
        written += (await this.handle.write(bytes, written)).bytesWritten;
      }
      this.sizeBytes += bytes.length;
    } catch (error) {
      // A torn end that stays is passed over by readers.
      await this.handle.truncate(this.sizeBytes).catch(() => undefined);
      throw error;
    }
  }
}
