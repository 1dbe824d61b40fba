/**
 * What little of PostgreSQL's message format is needed to carry it: one byte of kind, four of length (which count
 * themselves), then the body. https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
const headerBytes = 5;
const kinds = { notification: 0x41, query: 0x51, authentication: 0x52, parameterStatus: 0x53, readyForQuery: 0x5a };
const idle = 0x49;

/** Length of the startup message, which has no kind; undefined while it is not there in full. */
export function startupLength(bytes: Buffer): number | undefined {
  if (bytes.length < 4) return undefined;
  const length = bytes.readInt32BE(0);
  return bytes.length < length ? undefined : length;
}

/** "You are in": no password, UTF-8, ready. */
export function startupAnswer(): Buffer {
  return Buffer.concat([
    encodeMessage(kinds.authentication, Buffer.alloc(4)),
    encodeMessage(kinds.parameterStatus, Buffer.from('client_encoding\0UTF8\0')),
    encodeMessage(kinds.parameterStatus, Buffer.from('standard_conforming_strings\0on\0')),
    encodeMessage(kinds.readyForQuery, Buffer.from([idle])),
  ]);
}

/** Cuts whole messages off the front. */
export function splitMessages(bytes: Buffer): { messages: Buffer[]; rest: Buffer } {
  const messages: Buffer[] = [];
  let start = 0;
  while (start + headerBytes <= bytes.length) {
    const end = start + 1 + bytes.readInt32BE(start + 1);
    if (end > bytes.length) break;
    messages.push(bytes.subarray(start, end));
    start = end;
  }
  return { messages, rest: bytes.subarray(start) };
}

/** Whether the answer's closing ReadyForQuery says that a transaction is open, sound or failed. */
export function endsInTransaction(response: Uint8Array): boolean {
  const start = response.length - headerBytes - 1;
  return start >= 0 && response[start] === kinds.readyForQuery && response[start + headerBytes] !== idle;
}

export function startsListening(unit: Uint8Array): boolean {
  return (
    unit[0] === kinds.query && /^\s*listen\s/i.test(Buffer.from(unit.subarray(headerBytes, 40)).toString('latin1'))
  );
}

export function notificationsIn(response: Uint8Array): Buffer[] {
  return splitMessages(Buffer.from(response)).messages.filter((message) => message[0] === kinds.notification);
}

function encodeMessage(kind: number, body: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header[0] = kind;
  header.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}
