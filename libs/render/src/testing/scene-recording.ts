import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runFfmpegArgs } from '@rushes/media';
import { createReducer, encodeChunk, manifestSchema, objectKeys } from '@rushes/timeline';
import type { Manifest, TimelineEvent } from '@rushes/timeline';

/** How long each scene stands, in milliseconds. */
export const sceneMs = 500;

export type SceneTrack = {
  trackId: string;
  /** An ffmpeg source of pictures, 320 × 180 unless told. */ source: string;
  size?: { width: number; height: number };
};

/**
 * A recording with one still picture a track and one event at the start of every scene, for pages that show scenes of their own
 * making (see {@link sceneScript}).
 */
export async function writeSceneRecording(
  folder: string,
  options: { scenes: number; tracks: readonly SceneTrack[] },
): Promise<void> {
  const durationMs = options.scenes * sceneMs;
  const recordingId = 'scenes';
  const events: TimelineEvent[] = Array.from({ length: options.scenes }, (_, n) => ({
    type: 'rushes.recording.marked.v1',
    atMs: n * sceneMs,
    data: { label: `scene ${n}` },
  }));
  const snapshot = createReducer([]).initialState();
  const chunk = encodeChunk({
    kind: 'events',
    version: 1,
    recordingId,
    startMs: 0,
    endMs: durationMs,
    snapshot,
    events,
  });
  const key = objectKeys.eventsChunk(0);
  const put = async (name: string, bytes: Uint8Array | string): Promise<void> => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  };
  await put(key, chunk);
  const tracks: Manifest['tracks'] = [];
  for (const { trackId, source, size = { width: 320, height: 180 } } of options.tracks) {
    const media = objectKeys.media(trackId, 'webm');
    await put(media, '');
    await runFfmpegArgs([
      ...['-v', 'error', '-y', '-f', 'lavfi', '-i', source, '-t', String(durationMs / 1000), '-pix_fmt', 'yuv420p'],
      ...[
        '-c:v',
        'libvpx',
        '-deadline',
        'realtime',
        '-cpu-used',
        '8',
        '-b:v',
        '4M',
        '-qmin',
        '0',
        '-qmax',
        '4',
        join(folder, media),
      ],
    ]);
    tracks.push({
      ...{
        trackId,
        participantId: 'p1',
        kind: 'video',
        source: 'camera',
        codec: 'video/VP8',
        startMs: 0,
        endMs: durationMs,
      },
      media: {
        key: media,
        mimeType: 'video/webm; codecs="vp8"',
        startMs: 0,
        durationMs,
        sizeBytes: 0,
        ...size,
      },
      ...{ gaps: [], sync: null },
    });
  }
  const manifest = manifestSchema.parse({
    ...{
      version: 1,
      recordingId,
      roomId: 'room',
      title: null,
      status: 'ready',
      recordedAt: 0,
      durationMs,
      endReason: 'stopped',
    },
    participants: [],
    tracks,
    timeline: {
      events: [{ key, startMs: 0, endMs: durationMs, sizeBytes: chunk.length, eventCount: events.length }],
      surfaces: [],
    },
    ...{ gaps: [], markers: [], perspectives: [{ id: 'room', title: 'Room' }] },
  } satisfies Manifest);
  await put(objectKeys.manifest, JSON.stringify(manifest));
}

/**
 * A page script that shows the n-th piece of HTML in the n-th scene. Tiles are elements with `data-rushes-track`; paint order is
 * document order.
 */
export function sceneScript(scenes: readonly string[]): string {
  return `
    import '../../page/stage-probe.ts';
    const scenes = ${JSON.stringify(scenes)};
    let shown = -1;
    const elements = () => [...document.querySelectorAll('[data-rushes-track]')];
    window.rushesStage = {
      async load() {},
      async showAt(atMs) {
        const scene = Math.min(scenes.length - 1, Math.floor(atMs / ${sceneMs} + 0.001));
        if (scene !== shown) document.body.innerHTML = scenes[scene];
        shown = scene;
        return {
          tiles: elements().map((element, order) => {
            const { x, y, width, height } = element.getBoundingClientRect();
            return { trackId: element.dataset.rushesTrack, participantId: 'p1', x, y, width, height, fit: 'cover', order };
          }),
        };
      },
      fillTiles(colors) {
        for (const element of elements()) element.style.backgroundColor = colors[element.dataset.rushesTrack] ?? 'black';
      },
    };`;
}
