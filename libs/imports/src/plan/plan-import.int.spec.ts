import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeDumpHeader, encodeDumpPacket, runFfmpegArgs } from '@rushes/media';
import type { ImportDocumentInput } from '@rushes/timeline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planImport, type ImportPlan } from './plan-import.ts';

const nowMs = 1_780_000_000_000;
const dayMs = 86_400_000;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-plan-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tone = (name: string, ...args: string[]) =>
  runFfmpegArgs([
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    'sine=duration=0.5',
    '-c:a',
    'libopus',
    ...args,
    join(folder, name),
  ]);

/** Packets of the given payload types, 20 ms apart, from `fromMs` after the file's own zero on. */
async function dump(name: string, startedAt: number, fromMs: number, ...types: number[]): Promise<void> {
  const packets = types.map((type, index) => {
    const data = Buffer.alloc(15);
    data.set([0x80, type], 0);
    return encodeDumpPacket({ kind: 'rtp', atMs: fromMs + index * 20, data });
  });
  await writeFile(join(folder, name), Buffer.concat([encodeDumpHeader(startedAt), ...packets]));
}

async function plan(document: ImportDocumentInput): Promise<ImportPlan & { problems: Record<string, string[]> }> {
  await writeFile(join(folder, 'import.json'), JSON.stringify(document));
  const planned = await planImport(folder, nowMs);
  return {
    ...planned,
    problems: Object.fromEntries(planned.report.list().map(({ file, problems }) => [file, problems])),
  };
}

const opus = { codec: 'audio/opus' };
const places = ({ clock, media, packets, pages, chats }: ImportPlan) =>
  Object.fromEntries(
    [...media, ...packets, ...pages, ...chats].map(({ file, anchor }) => [file, Math.round(clock.place(anchor))]),
  );

describe('where files stand', () => {
  it('is by the timestamps that they share, when import.json says that they do', async () => {
    await tone('a.mka', '-output_ts_offset', '3602.5');
    await tone('b.mka', '-output_ts_offset', '3600');
    await tone('c.mka', '-output_ts_offset', '9');
    const tracks = ['a.mka', 'b.mka'].map((file) => ({ file, participant: 'ann' }));
    const shared = await plan({
      sharedTimestamps: true,
      tracks: [...tracks, { file: 'c.mka', participant: 'ann', startMs: 70 }],
    });
    expect(places(shared)).toEqual({ 'a.mka': 2500, 'b.mka': 0, 'c.mka': 70 });
    expect(places(await plan({ tracks }))).toEqual({ 'a.mka': 0, 'b.mka': 0 });
  });

  it('is by the clocks of packets and pages, from the earliest on', async () => {
    const recordedAt = nowMs - dayMs * 100;
    await dump('a.rtpdump', recordedAt - 500, 1500, 100, 100);
    const snapshot = { type: 2, timestamp: recordedAt + 250, data: { node: { type: 0, id: 1, childNodes: [] } } };
    await writeFile(join(folder, 'ann.json'), JSON.stringify([snapshot]));
    const planned = await plan({
      tracks: [{ file: 'a.rtpdump', participant: 'ann', rtp: opus }],
      pages: [{ file: 'ann.json', participant: 'ann', name: 'board' }],
    });
    expect(planned.clock.recordedAt).toBe(recordedAt + 250);
    expect(places(planned)).toEqual({ 'a.rtpdump': 750, 'ann.json': 0 });
    expect(planned.pages).toMatchObject([{ surface: 'ann-board' }]);
  });

  it('is nowhere for a clock that cannot be right', async () => {
    await dump('wrong.rtpdump', 5_000, 0, 100);
    await tone('a.mka');
    await writeFile(
      join(folder, 'chat.json'),
      JSON.stringify([
        { participant: 'ann', text: 'Hi', at: nowMs },
        { participant: 'ann', text: 'Ho', at: nowMs + 2 * dayMs },
      ]),
    );
    const { problems, ...planned } = await plan({
      recordedAt: nowMs,
      tracks: [
        { file: 'wrong.rtpdump', participant: 'ann', rtp: opus },
        { file: 'a.mka', participant: 'ann' },
      ],
      chats: [{ file: 'chat.json' }],
    });
    expect(problems['wrong.rtpdump']).toEqual([expect.stringContaining('more than a day off')]);
    expect(problems['chat.json']).toEqual([expect.stringContaining('more than a day off')]);
    expect(places(planned)).toEqual({ 'a.mka': 0, 'chat.json': 0 });
    expect(planned.chats[0]!.lines.map(({ text }) => text)).toEqual(['Hi']);
  });
});

describe('an rtpdump file', () => {
  it('is taken as far as it holds packets, and what could not be read is told', async () => {
    await dump('a.rtpdump', nowMs, 0, 96, 96);
    const path = join(folder, 'a.rtpdump');
    const intact = await readFile(path);
    await writeFile(path, Buffer.concat([intact, Buffer.alloc(300_000), intact]));
    const { problems, ...planned } = await plan({
      tracks: [{ file: 'a.rtpdump', participant: 'ann', rtp: { codec: 'audio/opus', payloadType: 96 } }],
    });
    expect(planned.packets.map(({ scan }) => scan.packetCount)).toEqual([2]);
    expect(problems['a.rtpdump']).toEqual([
      `${300_000 + intact.length} bytes from byte ${intact.length} on are no whole packets`,
    ]);
  });
});

describe('a page', () => {
  const snapshot = { type: 2, data: { node: { type: 0, id: 1, childNodes: [] } } };
  const write = (name: string, ...times: number[]) =>
    writeFile(join(folder, name), JSON.stringify(times.map((timestamp) => ({ ...snapshot, timestamp }))));

  it('is refused when it lasts longer than any recording, or its name is too long', async () => {
    await write('ann.json', nowMs, 0);
    await write('ben.json', nowMs, nowMs + 500);
    await write('long.json', nowMs);
    const { problems, ...planned } = await plan({
      pages: [
        { file: 'ann.json', participant: 'ann', startMs: 0 },
        { file: 'ben.json', participant: 'ben' },
        { file: 'long.json', participant: 'c'.repeat(60), name: 'board' },
      ],
    });
    expect(planned.pages.map(({ file }) => file)).toEqual(['ben.json']);
    expect(problems['ann.json']).toEqual([expect.stringContaining('within 24 days')]);
    expect(problems['long.json']).toEqual([expect.stringContaining('at most 64 characters')]);
  });

  it('needs a name when it is one of several of a participant at the same time', async () => {
    await write('second.json', nowMs + 500, nowMs + 900);
    await write('first.json', nowMs, nowMs + 800);
    await write('later.json', nowMs + 800, nowMs + 900);
    const page = (file: string) => ({ file, participant: 'ann' });
    const { problems, ...planned } = await plan({
      pages: [page('second.json'), page('first.json'), page('later.json'), { ...page('second.json'), name: 'board' }],
    });
    expect(planned.pages.map(({ file, surface }) => `${file} ${surface}`)).toEqual([
      'first.json ann',
      'later.json ann',
      'second.json ann-board',
    ]);
    expect(problems['second.json']).toEqual([expect.stringContaining('name: expected one')]);
  });
});

describe('a chat log', () => {
  it('loses messages that are later than any recording', async () => {
    await writeFile(join(folder, 'chat.txt'), '[00:01] Ann: Hi\n[9999999:00:00] Ann: late\n');
    await writeFile(join(folder, 'late.txt'), '[9999999:00:00] Ann: late\n');
    const { problems, ...planned } = await plan({ chats: [{ file: 'chat.txt' }, { file: 'late.txt' }] });
    expect(planned.chats.map(({ file, lines }) => [file, lines.length])).toEqual([['chat.txt', 1]]);
    expect(Object.keys(problems)).toEqual(['chat.txt', 'late.txt']);
  });
});

describe('a file that cannot be planned', () => {
  it('is named with what was expected, and the others are planned', async () => {
    await tone('a.mka');
    await dump('two.rtpdump', nowMs, 0, 96, 97, 96);
    await dump('none.rtpdump', nowMs, 0);
    await dump('silent.rtpdump', nowMs, 0, 96);
    await writeFile(join(folder, 'text.rtpdump'), 'hello\n');
    await writeFile(join(folder, 'page.json'), JSON.stringify([{ type: 3, timestamp: 1, data: {} }]));
    await writeFile(join(folder, 'chat.txt'), 'nobody said when\n');
    const rtp = { rtp: opus };
    const { problems, ...planned } = await plan({
      tracks: [
        { file: 'a.mka', participant: 'ann' },
        { file: 'two.rtpdump', participant: 'ann', ...rtp },
        { file: 'none.rtpdump', participant: 'ann', ...rtp },
        { file: 'silent.rtpdump', participant: 'ann' },
        { file: 'text.rtpdump', participant: 'ann', ...rtp },
      ],
      pages: [{ file: 'page.json', participant: 'ann' }],
      chats: [{ file: 'chat.txt' }],
    });
    expect(problems).toEqual({
      'two.rtpdump': [expect.stringContaining('payloadType: expected one of 96, 97')],
      'none.rtpdump': ['expected RTP packets, the file holds none'],
      'silent.rtpdump': [expect.stringContaining('rtp.codec: expected')],
      'text.rtpdump': [expect.stringContaining('expected the first line')],
      'page.json': [expect.stringContaining('expected a full snapshot')],
      'chat.txt': ['line 1: expected [hh:mm:ss] name: text', expect.stringContaining('expected messages')],
    });
    expect(places(planned)).toEqual({ 'a.mka': 0 });
  });
});
