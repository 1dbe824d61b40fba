import { readFile, stat } from 'node:fs/promises';
import { instantSchema } from '@rushes/timeline';
import { z } from 'zod';

/** `atMs` counts from the log's beginning; `epochMs` is the wall clock. */
export type ChatLine = { who: string; text: string } & ({ atMs: number } | { epochMs: number });
export type ChatProblem = { where: string; problem: string };
export type Chat = { lines: ChatLine[]; problems: ChatProblem[] };

const mostBytes = 64 * 1024 * 1024;
const mostTextLength = 4000;

const whoExpected = 'expected the id or name of who wrote it';
const entrySchema = z
  .object({
    participant: z.string(whoExpected).trim().min(1, whoExpected).max(100),
    text: z.string('expected a text'),
    atMs: z.number().min(0).max(2_147_483_647).optional(),
    at: instantSchema.optional(),
  })
  .refine(({ atMs, at }) => (atMs === undefined) !== (at === undefined), { message: 'expected either atMs or at' });

/** `[00:01:05] Ann: text`, with or without hours, brackets and fractions. */
const textLine = /^\[?(?:(\d+):)?(\d{1,2}):(\d{2})(?:[.,](\d{1,3}))?\]?\s+([^\s:][^:]{0,99}?)\s*:\s?(.*)$/;
const namelessLine = /^\[?(?:\d+:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?\]?\s+:/;

/**
 * A chat log: `.json` holds an array of `{ participant, text, atMs | at }`, `.ndjson` and `.jsonl` one of them a line, anything
 * else lines like `[00:01:05] Ann: text`, where a line without time goes on with the text before it.
 */
export async function readChat(path: string, name: string): Promise<Chat> {
  if ((await stat(path)).size > mostBytes) {
    return { lines: [], problems: [{ where: 'file', problem: `expected at most ${mostBytes} bytes` }] };
  }
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  if (/\.json$/i.test(name)) return readEntries(parseArray(text));
  if (/\.(ndjson|jsonl)$/i.test(name)) {
    const lines = text.split('\n').map((line, index) => ({ where: `line ${index + 1}`, line }));
    return readEntries(
      lines.filter(({ line }) => line.trim() !== '').map(({ where, line }) => ({ where, ...parse(line) })),
    );
  }
  return readText(text);
}

type Parsed = { where: string; value?: unknown; problem?: string };

function parseArray(text: string): Parsed[] {
  const { value, problem } = parse(text);
  if (!Array.isArray(value)) return [{ where: 'file', problem: problem ?? 'expected an array of messages' }];
  return value.map((each: unknown, index) => ({ where: `message ${index}`, value: each }));
}

function parse(text: string): { value?: unknown; problem?: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { problem: `expected JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'}` };
  }
}

function readEntries(entries: readonly Parsed[]): Chat {
  const chat: Chat = { lines: [], problems: [] };
  for (const { where, value, problem } of entries) {
    const result = entrySchema.safeParse(value);
    if (problem !== undefined) chat.problems.push({ where, problem });
    else if (!result.success) {
      const issue = result.error.issues[0]!;
      chat.problems.push({ where, problem: [...issue.path.map(String), issue.message].join(': ') });
    } else {
      const { participant: who, text, atMs, at } = result.data;
      const instant = at === undefined ? { atMs: atMs! } : { epochMs: new Date(at).getTime() };
      add(chat, where, { who, text, ...instant });
    }
  }
  return chat;
}

function readText(text: string): Chat {
  const chat: Chat = { lines: [], problems: [] };
  const open: { where: string; line: ChatLine }[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, hours = '0', minutes, seconds, fraction = '0', who, said] = textLine.exec(line) ?? [];
    if (who !== undefined) {
      const atMs = (Number(hours) * 3600 + Number(minutes) * 60 + Number(`${seconds}.${fraction}`)) * 1000;
      open.push({ where: `line ${index + 1}`, line: { who: who.trim(), text: said!, atMs } });
    } else if (namelessLine.test(line)) chat.problems.push({ where: `line ${index + 1}`, problem: whoExpected });
    else if (open.length > 0) open.at(-1)!.line.text += `\n${line}`;
    else if (line.trim() !== '') {
      chat.problems.push({ where: `line ${index + 1}`, problem: 'expected [hh:mm:ss] name: text' });
    }
  }
  for (const { where, line } of open) add(chat, where, line);
  return chat;
}

function add(chat: Chat, where: string, line: ChatLine): void {
  const text = line.text.trim();
  if (text === '') chat.problems.push({ where, problem: 'expected a text' });
  else if (text.length > mostTextLength) {
    chat.problems.push({ where, problem: `expected a text of at most ${mostTextLength} characters` });
  } else chat.lines.push({ ...line, text });
}
