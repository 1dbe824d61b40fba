import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeChunk, recordingPrefix, type EventsChunk, type Manifest, type TimelineEvent } from '@rushes/timeline';
import { ApiClient, type ExportStatus } from '../../../scripts/demo/api-client.ts';
import { runMeeting } from '../../../scripts/demo/meeting-script.ts';
import { startStandalone, type StandaloneProcess } from '../../../scripts/demo/standalone-process.ts';
import type { CameraMoment } from '../../content/camera-log.ts';
import type { Film } from '../../content/judge.ts';

export type MadeFilm = Film & { export: ExportStatus };

/** The demo's meeting, recorded and exported once, for many tests to look at. */
export type RecordedMeeting = {
  standalone: StandaloneProcess;
  api: ApiClient;
  manifest: Manifest;
  /** All interactive events, in order. */
  events: TimelineEvent[];
  /** Ada, Ben, Cleo. */
  participantIds: string[];
  /** What each camera showed when, seen in its own page. */
  cameras: CameraMoment[][];
  /** Errors that the pages reported. */
  pageErrors: string[];
  room: MadeFilm;
  /** As Ada saw it. */
  dom: MadeFilm;
  end(): Promise<void>;
};

const size = { width: 1280, height: 720, fps: 30 };

export async function recordMeeting(pace: number): Promise<RecordedMeeting> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rushes-e2e-'));
  const standalone = await startStandalone({ dataDir });
  const end = async () => {
    await standalone.end();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const api = new ApiClient(standalone.url, standalone.apiKey);
    const { recordingId, people } = await runMeeting({ api, roomId: 'e2e', pace });
    const participantIds = await Promise.all(people.map((person) => person.participantId));
    const cameras = await Promise.all(people.map((person) => person.cameraMoments()));
    const pageErrors = people.flatMap((person) => person.errors);
    await Promise.all(people.map((person) => person.close()));

    const manifest = await api.whenRecordingReady(recordingId);
    const events: TimelineEvent[] = [];
    for (const { key } of manifest.timeline.events) events.push(...(await readEvents(api, recordingId, key)));
    const make = async (name: string, request: Record<string, unknown>): Promise<MadeFilm> => {
      const exportId = await api.createExport(recordingId, { ...request, ...size });
      const done = await api.whenExportDone(exportId);
      const path = join(dataDir, `${name}.mp4`);
      await api.download(`/v1/exports/${exportId}/file`, path);
      return { path, ...size, export: done };
    };
    const room = await make('room', { perspective: 'room', layout: 'grid' });
    const dom = await make('dom', { perspective: `dom:${participantIds[0]}` });
    return { standalone, api, manifest, events, participantIds, cameras, pageErrors, room, dom, end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function readEvents(api: ApiClient, recordingId: string, key: string): Promise<TimelineEvent[]> {
  const response = await fetch(`${api.url}/v1/${recordingPrefix(recordingId)}${key}`, {
    headers: { authorization: `Bearer ${api.apiKey}` },
  });
  if (!response.ok) throw new Error(`GET ${key} answered ${response.status}`);
  return (decodeChunk(new Uint8Array(await response.arrayBuffer())) as EventsChunk).events;
}
