import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { constants, deflate } from 'node:zlib';
import { promisify } from 'node:util';

const deflateAsync = promisify(deflate);

export type PictureFormat = 'yuva420p' | 'gray';
/** ffmpeg's tags of raw pictures. */
const fourcc: Record<PictureFormat, Buffer> = {
  yuva420p: Buffer.from([0x59, 0x34, 11, 8]),
  gray: Buffer.from('Y800', 'latin1'),
};

/**
 * A file of raw pictures, each shown from its own instant until the next one's: what ffmpeg overlays. Matroska, since it holds
 * exact times and deflated raw pictures, which ffmpeg reads; images named in a script lose one or the other.
 */
export class PictureStream {
  private held: Uint8Array | undefined;
  private writing: Promise<void> = Promise.resolve();

  private constructor(private readonly file: FileHandle) {}

  static async create(
    path: string,
    options: { width: number; height: number; format: PictureFormat },
  ): Promise<PictureStream> {
    const file = await open(path, 'w');
    const video = element(0xe0, [
      unsigned(0xb0, options.width),
      unsigned(0xba, options.height),
      element(0x2eb524, fourcc[options.format]),
    ]);
    const compression = element(0x6d80, [
      element(0x6240, [
        unsigned(0x5031, 0),
        unsigned(0x5032, 1),
        unsigned(0x5033, 0),
        element(0x5034, [unsigned(0x4254, 0)]),
      ]),
    ]);
    const track = element(0xae, [
      unsigned(0xd7, 1),
      unsigned(0x73c5, 1),
      unsigned(0x83, 1),
      unsigned(0x9c, 0),
      text(0x86, 'V_UNCOMPRESSED'),
      video,
      compression,
    ]);
    await file.writeFile(
      Buffer.concat([
        element(0x1a45dfa3, [text(0x4282, 'matroska'), unsigned(0x4287, 4), unsigned(0x4285, 2)]),
        // A segment of unknown size.
        Buffer.from([0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        // Times in microseconds.
        element(0x1549a966, [unsigned(0x2ad7b1, 1000), text(0x4d80, 'rushes'), text(0x5741, 'rushes')]),
        element(0x1654ae6b, [track]),
      ]),
    );
    return new PictureStream(file);
  }

  /**
   * Adds the picture shown from `atSeconds` of the stream, rising. It is copied when this resolves, and written while the next one is
   * being made; a failure shows with the next call.
   */
  async add(picture: Uint8Array, atSeconds: number): Promise<void> {
    await this.writing;
    this.held ??= new Uint8Array(picture.length);
    this.held.set(picture);
    this.writing = this.write(this.held, atSeconds);
    this.writing.catch(() => undefined);
  }

  async close(): Promise<void> {
    try {
      await this.writing;
    } finally {
      await this.file.close();
    }
  }

  private async write(picture: Uint8Array, atSeconds: number): Promise<void> {
    // Runs of one value are all there is to find in plates: packed in a quarter of the time, and smaller.
    const packed = await deflateAsync(picture, { level: 1, strategy: constants.Z_RLE, chunkSize: 1 << 17 });
    const block = element(0xa3, Buffer.concat([Buffer.from([0x81, 0, 0, 0x80]), packed]));
    await this.file.writeFile(element(0x1f43b675, [unsigned(0xe7, Math.round(atSeconds * 1e6)), block]));
  }
}

function element(id: number, content: Buffer | Buffer[]): Buffer {
  const body = Array.isArray(content) ? Buffer.concat(content) : content;
  const size = Buffer.alloc(8);
  size.writeUInt32BE(0x01000000 + Math.floor(body.length / 2 ** 32), 0);
  size.writeUInt32BE(body.length % 2 ** 32, 4);
  return Buffer.concat([idBytes(id), size, body]);
}

function idBytes(id: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(id);
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0));
}

function unsigned(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return element(id, bytes);
}

function text(id: number, value: string): Buffer {
  return element(id, Buffer.from(value, 'utf8'));
}
