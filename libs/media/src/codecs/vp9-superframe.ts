import { BitReader } from './bit-reader.ts';

/** A layer's frame, and what its header says where. */
type LayerFrame = {
  isKey: boolean;
  /** Bit that tells whether it is shown; the next one is that of error resilience. */
  shownAt: number;
  isShown: boolean;
  /** Bits of the uncompressed header, without those that fill its last byte. */
  headerBits: number;
  size: Size;
};
type Size = { width: number; height: number };

/**
 * Makes one superframe of the spatial layers of each picture (VP9 Annex B): an index for decoders that part it, and only the
 * highest layer shown. Senders mark every layer as shown, since over RTP receivers know to show one; a decoder of files would
 * show all of them, each in its own size. Takes every picture of a stream in order: frame headers lean on earlier ones' sizes.
 */
export class Vp9Superframes {
  /** Of the eight reference slots. */
  private readonly sizes = new Array<Size | undefined>(8).fill(undefined);

  /** Of the picture that was joined last. */
  shownSize: Size | undefined;

  /** `layers`: one frame each, the lowest first. */
  join(layers: readonly Uint8Array[]): Uint8Array {
    const frames = layers.map((bytes, index) => {
      const header = this.read(bytes);
      this.shownSize = header?.size;
      const isHighest = index === layers.length - 1;
      return header && !isHighest ? hide(bytes, header) : bytes;
    });
    return frames.length === 1 ? frames[0]! : Buffer.concat([...frames, indexOf(frames)]);
  }

  /** 6.2, the uncompressed header. undefined for one that repeats an earlier frame, or cannot be read. */
  private read(bytes: Uint8Array): LayerFrame | undefined {
    const reader = new BitReader(bytes);
    if (reader.bits(2) !== 2) return undefined;
    const profile = reader.bits(1) + reader.bits(1) * 2;
    if (profile === 3) reader.skip(1);
    if (reader.flag()) return undefined;
    const isKey = !reader.flag();
    const shownAt = reader.position;
    const isShown = reader.flag();
    const isResilient = reader.flag();
    const size = isKey ? this.readKey(reader, profile) : this.readInter(reader, profile, isShown, isResilient);
    if (!size) return undefined;
    if (!isResilient) reader.skip(2);
    reader.skip(2);
    skipLoopFilter(reader);
    skipQuantization(reader);
    skipSegmentation(reader);
    skipTiles(reader, size);
    // Length of the compressed header.
    reader.skip(16);
    return { isKey, shownAt, isShown, headerBits: reader.position, size };
  }

  private readKey(reader: BitReader, profile: number): Size {
    reader.skip(24);
    skipColors(reader, profile);
    const size = readSize(reader);
    skipRenderSize(reader);
    this.sizes.fill(size);
    return size;
  }

  private readInter(reader: BitReader, profile: number, isShown: boolean, isResilient: boolean): Size | undefined {
    const isIntraOnly = !isShown && reader.flag();
    if (!isResilient) reader.skip(2);
    if (isIntraOnly) {
      reader.skip(24);
      if (profile > 0) skipColors(reader, profile);
    }
    const refreshed = reader.bits(8);
    let size: Size | undefined;
    if (isIntraOnly) {
      size = readSize(reader);
      skipRenderSize(reader);
    } else {
      const references = Array.from({ length: 3 }, () => {
        const slot = reader.bits(3);
        reader.skip(1);
        return slot;
      });
      const isSizeOf = references.find(() => reader.flag());
      size = isSizeOf === undefined ? readSize(reader) : this.sizes[isSizeOf];
      skipRenderSize(reader);
      reader.skip(1);
      const isFilterSwitchable = reader.flag();
      if (!isFilterSwitchable) reader.skip(2);
    }
    for (let slot = 0; slot < 8; slot++) if ((refreshed >> slot) & 1) this.sizes[slot] = size;
    return size;
  }
}

/** The same frame, not shown: a bit is cleared; a frame that builds on others then says that it does, in one bit more. */
function hide(bytes: Uint8Array, { isKey, isShown, shownAt, headerBits }: LayerFrame): Uint8Array {
  if (!isShown) return bytes;
  const hidden = Uint8Array.from(bytes);
  hidden[shownAt >> 3]! &= ~(0x80 >> (shownAt & 7));
  if (isKey) return hidden;
  const insertAt = shownAt + 2;
  const headerBytes = Math.ceil((headerBits + 1) / 8);
  const header = new Uint8Array(headerBytes);
  const source = new BitReader(hidden);
  for (let at = 0; at <= headerBits; at++) {
    const bit = at === insertAt ? 0 : source.bits(1);
    header[at >> 3]! |= bit << (7 - (at & 7));
  }
  return Buffer.concat([header, hidden.subarray(Math.ceil(headerBits / 8))]);
}

/** Annex B: a marker at both ends, and between them every frame's length, the lowest byte first. */
function indexOf(frames: readonly Uint8Array[]): Uint8Array {
  const bytesPerLength = 4;
  const marker = 0xc0 | ((bytesPerLength - 1) << 3) | (frames.length - 1);
  const index = Buffer.alloc(2 + bytesPerLength * frames.length, marker);
  frames.forEach(({ length }, n) => index.writeUInt32LE(length, 1 + n * bytesPerLength));
  return index;
}

function skipColors(reader: BitReader, profile: number): void {
  if (profile >= 2) reader.skip(1);
  const isRgb = reader.bits(3) === 7;
  if (!isRgb) reader.skip(1);
  if (profile === 1 || profile === 3) reader.skip(isRgb ? 1 : 3);
}

function readSize(reader: BitReader): Size {
  return { width: reader.bits(16) + 1, height: reader.bits(16) + 1 };
}

function skipRenderSize(reader: BitReader): void {
  const differs = reader.flag();
  if (differs) reader.skip(32);
}

function skipLoopFilter(reader: BitReader): void {
  reader.skip(9);
  const hasDeltas = reader.flag();
  const updatesDeltas = hasDeltas && reader.flag();
  if (!updatesDeltas) return;
  for (let n = 0; n < 6; n++) if (reader.flag()) reader.skip(7);
}

function skipQuantization(reader: BitReader): void {
  reader.skip(8);
  for (let n = 0; n < 3; n++) if (reader.flag()) reader.skip(5);
}

/** Bits of a segment's features: quantizer, loop filter, reference frame, skip; the first two have a sign. */
const featureBits = [9, 7, 2, 0] as const;

function skipSegmentation(reader: BitReader): void {
  const isEnabled = reader.flag();
  if (!isEnabled) return;
  const updatesMap = reader.flag();
  if (updatesMap) {
    for (let n = 0; n < 7; n++) if (reader.flag()) reader.skip(8);
    const isTemporal = reader.flag();
    for (let n = 0; isTemporal && n < 3; n++) if (reader.flag()) reader.skip(8);
  }
  const updatesData = reader.flag();
  if (!updatesData) return;
  reader.skip(1);
  for (let segment = 0; segment < 8; segment++) {
    for (const count of featureBits) if (reader.flag()) reader.skip(count);
  }
}

function skipTiles(reader: BitReader, { width }: Size): void {
  const columns = (width + 63) >> 6;
  let [least, most] = [0, 1];
  while (64 << least < columns) least++;
  while (columns >> most >= 4) most++;
  for (let count = least; count < most - 1 && reader.flag();) count++;
  const hasRows = reader.flag();
  if (hasRows) reader.skip(1);
}
