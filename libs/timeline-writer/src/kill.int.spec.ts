import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { copyTemplate } from '@rushes/database/testing';
import { createReducer, type RoomState } from '@rushes/timeline';
import { chatTexts, RecordingFixture } from './testing/recording-fixture.ts';

type Said = { recordingId: string; lines: string[]; marks: string[] };

/** Runs a writing process, and kills it without warning once it has said `enough` lines. */
async function runUntilKilled(dataDir: string, firstSeq: number, enough: number, recordingId?: string): Promise<Said> {
  const script = join(import.meta.dirname, 'testing/doomed-writer.ts');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, dataDir, String(firstSeq), ...(recordingId ? [recordingId] : [])],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const said: Said = { recordingId: '', lines: [], marks: [] };
  for await (const line of createInterface(child.stdout)) {
    const [what, value = ''] = line.split(' ');
    if (what === 'recording') said.recordingId = value;
    if (what === 'said') said.lines.push(`line ${value}`);
    if (what === 'marked') said.marks.push(`mark ${value}`);
    if (said.lines.length === enough) child.kill('SIGKILL');
  }
  return said;
}

it('a writer that is killed three times has every acknowledged event in its chunks exactly once', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'rushes-kill-'));
  await copyTemplate(dataDir);
  const first = await runUntilKilled(dataDir, 0, 700);
  const second = await runUntilKilled(dataDir, 10_000, 150, first.recordingId);
  const third = await runUntilKilled(dataDir, 20_000, 400, first.recordingId);

  const fixture = (await RecordingFixture.start({ dataDir })).of(first.recordingId);
  await fixture.writer.whenWritten();
  const chunks = await fixture.eventsChunks();
  const lines = chatTexts(chunks);
  expect(new Set(lines).size).toBe(lines.length);
  expect([...first.lines, ...second.lines, ...third.lines].filter((line) => !lines.includes(line))).toEqual([]);

  const marks = (await fixture.domChunks('ann')).flatMap((chunk) =>
    chunk.events.map(({ event }) => (event.data as { mark: string }).mark),
  );
  const shown = marks.filter((mark) => mark !== 'meta');
  expect(new Set(shown).size).toBe(shown.length);
  expect([...first.marks, ...second.marks, ...third.marks].filter((mark) => !shown.includes(mark))).toEqual([]);

  const reducer = createReducer();
  let state: RoomState = reducer.initialState();
  for (const chunk of chunks) {
    expect(chunk.snapshot).toEqual(state);
    state = chunk.events.reduce((before, event) => reducer.apply(before, event), state);
  }
  await fixture.application.close();
  await rm(dataDir, { recursive: true, force: true });
});
