const textOid = 25;
const headerBytes = 20;

/**
 * A `text[]` in PostgreSQL's binary format, which `pg` sends as it is: escaping JSON into an array literal, and reading it
 * back out, costs as much as storing it. Layout: `array_recv` in PostgreSQL's arrayfuncs.c.
 */
export function encodeTextArray(values: readonly string[]): Buffer {
  const lengths = values.map((value) => Buffer.byteLength(value));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, headerBytes));
  bytes.writeInt32BE(1, 0); // dimensions
  bytes.writeInt32BE(0, 4); // no nulls
  bytes.writeInt32BE(textOid, 8);
  bytes.writeInt32BE(values.length, 12);
  bytes.writeInt32BE(1, 16); // first index
  let position = headerBytes;
  values.forEach((value, index) => {
    position = bytes.writeInt32BE(lengths[index]!, position);
    position += bytes.write(value, position, 'utf8');
  });
  return bytes;
}
