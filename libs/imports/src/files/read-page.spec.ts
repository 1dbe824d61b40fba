import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPage, type PageEntry } from './read-page.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-page-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(text: string): Promise<PageEntry[]> {
  const path = join(folder, 'page');
  await writeFile(path, text);
  const entries: PageEntry[] = [];
  for await (const entry of readPage(path)) entries.push(entry);
  return entries;
}

const event = (type: number, timestamp: number) => ({ type, timestamp, data: {} });
/** An increment that came too early, Load, Meta, FullSnapshot, increment. */
const events = [event(3, 1), event(1, 2), event(4, 3), event(2, 4), event(3, 5)];
const times = (entries: readonly PageEntry[]) =>
  entries.map((entry) => ('event' in entry ? entry.event.timestamp : entry.problem));

it.each([
  ['an array', JSON.stringify(events)],
  ['an array for people', JSON.stringify(events, undefined, 2)],
  ['an object with events', JSON.stringify({ events }, undefined, 2)],
  ['one event a line', events.map((each) => JSON.stringify(each)).join('\r\n')],
])('reads %s, from the first snapshot on', async (_, text) => {
  expect(times(await read(text))).toEqual([3, 4, 5]);
});

it('goes on after what is no event, and says where it stood', async () => {
  const [, , meta, snapshot, increment] = events.map((each) => JSON.stringify(each));
  const deep = `{"type":3,"timestamp":4,"data":${'['.repeat(3000)}${']'.repeat(3000)}}`;
  const entries = await read(
    [meta, snapshot, '{"type":3', '{"type":9,"timestamp":4,"data":0}', deep, increment].join('\n'),
  );
  expect(times(entries)).toEqual([
    3,
    4,
    expect.stringContaining('expected JSON'),
    expect.stringContaining('expected an rrweb event, type'),
    expect.stringContaining('nested'),
    5,
  ]);
  expect(entries[3]!.where).toBe('line 4');
});

it.each(['', 'hello', '{"events":7}', '[1,'])('finds nothing to show in %j', async (text) => {
  expect(times(await read(text))).toEqual([expect.any(String)]);
});
