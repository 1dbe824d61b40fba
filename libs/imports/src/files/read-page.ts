import { open, readFile, stat } from 'node:fs/promises';
import { deepestNesting, nestingOf } from '@rushes/platform';
import { isRecord, rrwebEventSchema, rrwebTypes, type RrwebEvent } from '@rushes/timeline';
import { readLines } from './read-lines.ts';

/** An event that can be replayed, or why one cannot. `where`: `line 7`, `event 7`. */
export type PageEntry = { where: string; event: RrwebEvent } | { where: string; problem: string };

/** Longest event, characters of JSON: a full snapshot with its inlined images. */
const mostEventLength = 8 * 1024 * 1024;
/** Largest file that is one JSON document, which has to be read whole. */
const mostDocumentBytes = 64 * 1024 * 1024;

/**
 * rrweb's events: a JSON array, an object with `events`, or one event a line. Begins with the first full snapshot and the
 * Meta event before it: nothing earlier can be shown.
 */
export async function* readPage(path: string): AsyncGenerator<PageEntry, void, undefined> {
  let meta: PageEntry | undefined;
  let hasBegun = false;
  for await (const entry of readEntries(path)) {
    if ('problem' in entry) {
      yield entry;
      continue;
    }
    const { type } = entry.event;
    if (type === rrwebTypes.domContentLoaded || type === rrwebTypes.load) continue;
    if (!hasBegun) {
      if (type === rrwebTypes.meta) meta = entry;
      if (type !== rrwebTypes.fullSnapshot) continue;
      hasBegun = true;
      if (meta) yield meta;
    }
    yield entry;
  }
}

async function* readEntries(path: string): AsyncGenerator<PageEntry, void, undefined> {
  if (await isOneEventALine(path)) {
    for await (const { number, text } of readLines(path, mostEventLength)) {
      const where = `line ${number}`;
      if (text === undefined) yield { where, problem: `expected at most ${mostEventLength} characters` };
      else if (text.trim() !== '') yield toEntry(where, parse(text));
    }
    return;
  }
  const { size } = await stat(path);
  if (size > mostDocumentBytes) {
    yield { where: 'file', problem: `expected one event a line in a file of over ${mostDocumentBytes} bytes` };
    return;
  }
  const document = parse(await readFile(path, 'utf8'));
  const events = isRecord(document.value) ? document.value.events : document.value;
  if (!Array.isArray(events)) {
    yield { where: 'file', problem: document.problem ?? 'expected an array of rrweb events, or one event a line' };
    return;
  }
  for (const [index, value] of events.entries()) yield toEntry(`event ${index}`, { value: value as unknown });
}

/** Whether the first line alone is an event. */
async function isOneEventALine(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    if (
      buffer
        .toString('utf8', 0, bytesRead)
        .replace(/^\uFEFF/, '')
        .trimStart()[0] !== '{'
    )
      return false;
  } finally {
    await file.close();
  }
  for await (const { text } of readLines(path, mostEventLength)) {
    if (text === undefined) return true;
    if (text.trim() === '') continue;
    const { value } = parse(text);
    return isRecord(value) && 'type' in value;
  }
  return false;
}

function parse(text: string): { value?: unknown; problem?: string } {
  // A document's events lie two levels deep.
  if (nestingOf(text) > deepestNesting) {
    return { problem: `expected at most ${deepestNesting} nested arrays and objects` };
  }
  try {
    return { value: JSON.parse(text.replace(/^\uFEFF/, '')) as unknown };
  } catch (error) {
    return { problem: `expected JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'}` };
  }
}

function toEntry(where: string, { value, problem }: { value?: unknown; problem?: string }): PageEntry {
  if (problem !== undefined) return { where, problem };
  const result = rrwebEventSchema.safeParse(value);
  if (result.success) return { where, event: result.data };
  const issue = result.error.issues[0]!;
  const field = issue.path.map(String).join('.');
  return { where, problem: `expected an rrweb event${field === '' ? '' : `, ${field}`}: ${issue.message}` };
}
