import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readChat, type Chat } from './read-chat.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-chat-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(name: string, text: string): Promise<Chat> {
  await writeFile(join(folder, name), text);
  return readChat(join(folder, name), name);
}

it('reads lines of text, with what goes on below', async () => {
  const { lines, problems } = await read(
    'chat.txt',
    '\uFEFFhello\r\n[00:00:05] Ann: Hi: there\r\n1:02:03.250 Ben Lee:\r\n  see\r\n  below\r\n[07:30] Ann: bye\n',
  );
  expect(lines).toEqual([
    { who: 'Ann', text: 'Hi: there', atMs: 5000 },
    { who: 'Ben Lee', text: 'see\n  below', atMs: 3_723_250 },
    { who: 'Ann', text: 'bye', atMs: 450_000 },
  ]);
  expect(problems).toEqual([{ where: 'line 1', problem: 'expected [hh:mm:ss] name: text' }]);
});

it('reads JSON, whole or a line each, and names what is wrong', async () => {
  const good = { participant: 'ann', text: 'Hi', atMs: 5 };
  const dated = { participant: 'ann', text: 'Hi', at: '2026-03-01T09:30:00Z' };
  const expected = [
    { who: 'ann', text: 'Hi', atMs: 5 },
    { who: 'ann', text: 'Hi', epochMs: Date.UTC(2026, 2, 1, 9, 30) },
  ];
  const { lines, problems } = await read(
    'chat.json',
    JSON.stringify([good, { ...good, atMs: -1 }, dated, { ...good, at: 1 }, 7]),
  );
  expect(lines).toEqual(expected);
  expect(problems.map(({ where, problem }) => `${where}: ${problem}`)).toEqual([
    expect.stringMatching(/^message 1: atMs: /),
    'message 3: expected either atMs or at',
    expect.stringMatching(/^message 4: /),
  ]);
  const streamed = await read('chat.ndjson', `${JSON.stringify(good)}\n\n{"participant":\n${JSON.stringify(dated)}`);
  expect(streamed.lines).toEqual(expected);
  expect(streamed.problems).toEqual([{ where: 'line 3', problem: expect.stringContaining('expected JSON') as string }]);
});

it('takes nothing that nobody wrote', async () => {
  const { lines, problems } = await read('nobody.txt', '[00:01] Ann: Hi\n[00:01:05]  : hi\n[00:02] : ho\n');
  expect(lines.map(({ text }) => text)).toEqual(['Hi']);
  expect(problems.map(({ where }) => where)).toEqual(['line 2', 'line 3']);
  const entries = await read('nobody.json', JSON.stringify([{ participant: '  ', text: 'Hi', atMs: 5 }]));
  expect(entries).toMatchObject({ lines: [], problems: [{ where: 'message 0' }] });
});

it('takes no text that the timeline would not', async () => {
  const { lines, problems } = await read('long.txt', `[00:01] Ann: ${'x'.repeat(4001)}\n[00:02] Ann:  \n`);
  expect(lines).toEqual([]);
  expect(problems.map(({ where }) => where)).toEqual(['line 1', 'line 2']);
});
