import type { RecordingEntity, TrackEntity } from '@rushes/database';
import { manifestSchema, type Gap, type Manifest, type RoomState, type SurfaceId } from '@rushes/timeline';
import type { ChunkRow } from '../storage/chunk-store.ts';
import { recordingGaps } from './recording-gaps.ts';

export type ManifestParts = {
  recording: RecordingEntity;
  status: Manifest['status'];
  chunks: readonly ChunkRow[];
  tracks: readonly TrackEntity[];
  state: RoomState;
  surfaceGaps: ReadonlyMap<SurfaceId, readonly Gap[]>;
  /** How far the recording is known, on its clock, milliseconds. */
  reachedMs: number;
};

/** A page sends a full snapshot at least this often; without one for so long after its last event, it is gone, milliseconds. */
const presentMs = 30_000;

/** The manifest of what is stored, as a function of index rows and state alone. @throws ZodError when the parts do not fit */
export function buildManifest(parts: ManifestParts): Manifest {
  const { recording, status, state, reachedMs } = parts;
  const durationMs = recording.endedAtMs ?? reachedMs;
  const surfaces = surfacesOf(parts, durationMs);
  return manifestSchema.parse({
    version: 1,
    recordingId: recording.recordingId,
    roomId: recording.roomId,
    title: recording.title ?? state.recording.title ?? null,
    status,
    recordedAt: Number(recording.recordedAt),
    durationMs,
    endReason: recording.endReason,
    participants: Object.values(state.participants),
    tracks: parts.tracks
      .map(({ trackId, participantId, kind, source, codec, startMs, endMs, media, gaps, sync }) => {
        return { trackId, participantId, kind, source, codec, startMs: Math.max(0, startMs), endMs, media, gaps, sync };
      })
      .sort((a, b) => a.startMs - b.startMs || a.trackId.localeCompare(b.trackId)),
    timeline: { events: eventChunks(parts.chunks, durationMs), surfaces },
    gaps: recordingGaps(parts.tracks),
    markers: state.markers,
    perspectives: [
      { id: 'room', title: 'Room' },
      ...surfaces.map(({ surface, participantId }) => ({
        id: `dom:${surface}`,
        title: surfaceTitle(surface, participantId, state),
      })),
    ],
  } satisfies Manifest);
}

/** One covers until the next begins; the last one as far as the recording is known. */
function eventChunks(rows: readonly ChunkRow[], durationMs: number) {
  const chunks = rows.filter((row) => row.stream === 'events');
  return chunks.map((row, index) => chunkRef(row, chunks[index + 1]?.startMs ?? Math.max(row.startMs, durationMs)));
}

function surfacesOf({ chunks, surfaceGaps }: ManifestParts, durationMs: number): Manifest['timeline']['surfaces'] {
  const bySurface = Map.groupBy(
    chunks.filter((row) => row.stream === 'dom'),
    (row) => row.surface,
  );
  return [...bySurface]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([surface, rows]) => ({
      surface,
      participantId: participantOf(rows[0]!) ?? null,
      chunks: rows.map((row, index) => {
        const nextMs = rows[index + 1]?.startMs ?? Math.max(durationMs, row.startMs);
        return chunkRef(row, Math.min(nextMs, row.endMs + presentMs));
      }),
      gaps: [...(surfaceGaps.get(surface) ?? [])],
    }));
}

function chunkRef({ key, startMs, sizeBytes, eventCount }: ChunkRow, endMs: number) {
  return { key, startMs, endMs, sizeBytes: Number(sizeBytes), eventCount };
}

function participantOf(row: ChunkRow): string | undefined {
  return /^participants\/([^/]+)\//.exec(Object.keys(row.seqRanges)[0] ?? '')?.[1];
}

function surfaceTitle(surface: SurfaceId, participantId: string | null, state: RoomState): string {
  const name = participantId === null ? undefined : state.participants[participantId]?.name;
  if (participantId === null || name === undefined) return `Page ${surface}`;
  const part = surface.slice(participantId.length + 1);
  return part === '' ? `As ${name} saw it` : `As ${name} saw it (${part})`;
}
