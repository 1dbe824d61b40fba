import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeChunk, recordingPrefix, type EventsChunk, type Manifest } from '@rushes/timeline';
import { ApiClient, poll } from '../../scripts/demo/api-client.ts';
import { fakeDevices } from '../../scripts/demo/media-files.ts';
import { untouchedSound } from '../../scripts/demo/meeting-script.ts';
import { Participant } from '../../scripts/demo/participant.ts';
import { startStandalone, type StandaloneProcess } from '../../scripts/demo/standalone-process.ts';
import { voices } from '../content/signal.ts';

const said = ['one', 'two', 'three', 'four'].map((word) => `before the crash: ${word}`);

describe('a standalone process that is killed with -9 in the middle of a meeting and started again', () => {
  let dataDir: string;
  let standalone: StandaloneProcess | undefined;
  let ada: Participant | undefined;
  let manifest: Manifest;
  let texts: string[];
  let killedAtMs: number;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'rushes-crash-'));
    standalone = await startStandalone({ dataDir });
    const api = new ApiClient(standalone.url, standalone.apiKey);
    const roomId = 'crash';
    const token = await api.issueToken({ scope: 'meeting', roomId, role: 'host' });
    const link = `${api.url}/meet/#room=${roomId}&token=${token}&${untouchedSound}`;
    ada = await Participant.join({ name: 'Ada', link, devices: await fakeDevices(0), voice: voices[0] });
    const recordingId = await ada.startRecording();
    for (const text of said) await ada.chat(text);
    await poll(20_000, 'no media was stored', async () => ((await hasMedia(dataDir)) ? true : undefined));
    // What the page shows as sent and the SDK has had acknowledged is what may not be lost.
    await ada.page.evaluate(() => rushesMeeting!.whenRecorded());

    const killedAt = Date.now();
    await standalone.end('SIGKILL');
    const { ports, apiKey } = standalone;
    standalone = await startStandalone({ dataDir, ports, apiKey });
    manifest = await api.whenRecordingReady(recordingId);
    killedAtMs = killedAt - manifest.recordedAt;
    texts = await chatTexts(api, manifest);
  }, 240_000);

  afterAll(async () => {
    await ada?.close();
    await standalone?.end();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('ends the recording and says why', () => {
    expect(manifest).toMatchObject({ status: 'ready', endReason: 'process-died' });
  });

  it('has lost no event that was acknowledged and doubled none', () => {
    expect(texts).toEqual(said);
  });

  it('has lost at most one second of media', () => {
    expect(manifest.tracks).toHaveLength(2);
    for (const { media, source } of manifest.tracks) {
      expect(media, source).not.toBeNull();
      expect(killedAtMs - (media!.startMs + media!.durationMs), source).toBeLessThan(1000);
    }
  });

  it('lets the page back in by itself, with the chat, and goes on recording into another one', async () => {
    const { page } = ada!;
    const isGoingOn = (former: string) => {
      const { phase, recording } = rushesMeeting!.readView();
      return phase === 'in-meeting' && recording !== null && recording.recordingId !== former;
    };
    await page.waitForFunction(isGoingOn, { timeout: 60_000 }, manifest.recordingId);
    const { room } = await page.evaluate(() => rushesMeeting!.readView());
    expect(room.chat.map(({ text }) => text)).toEqual(said);
    await ada!.stopRecording();
  });
});

async function hasMedia(dataDir: string): Promise<boolean> {
  const files = await readdir(join(dataDir, 'spool'), { recursive: true }).catch(() => []);
  const objects = await readdir(join(dataDir, 'objects'), { recursive: true }).catch(() => []);
  return files.length > 0 && objects.some((name) => name.endsWith('.rtpdump'));
}

async function chatTexts(api: ApiClient, { recordingId, timeline }: Manifest): Promise<string[]> {
  const texts: string[] = [];
  for (const { key } of timeline.events) {
    const response = await fetch(`${api.url}/v1/${recordingPrefix(recordingId)}${key}`, {
      headers: { authorization: `Bearer ${api.apiKey}` },
    });
    const { events } = decodeChunk(new Uint8Array(await response.arrayBuffer())) as EventsChunk;
    for (const event of events) if (event.type === 'rushes.chat.message-sent.v1') texts.push(event.data.text);
  }
  return texts;
}
