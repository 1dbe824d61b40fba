import type { CatalogueEvent } from '../events/timeline-event.ts';
import type { TrackId } from '../ids.ts';
import type { RoomState, TrackState } from './room-state.ts';

/** Tracks and who shares a screen. */
export function reduceTracks(state: RoomState, event: CatalogueEvent): RoomState {
  switch (event.type) {
    case 'rushes.track.started.v1': {
      if (event.participantId === undefined) return state;
      const track: TrackState = {
        ...event.data,
        participantId: event.participantId,
        startedAtMs: event.atMs,
        endedAtMs: null,
        paused: null,
      };
      return { ...state, tracks: { ...state.tracks, [track.trackId]: track } };
    }
    case 'rushes.track.paused.v1':
      return changed(state, event.data.trackId, { paused: event.data.reason });
    case 'rushes.track.resumed.v1':
      return changed(state, event.data.trackId, { paused: null });
    case 'rushes.track.ended.v1': {
      const ended = changed(state, event.data.trackId, { endedAtMs: event.atMs });
      return { ...ended, screens: ended.screens.filter((screen) => screen.trackId !== event.data.trackId) };
    }
    case 'rushes.screen.share-started.v1': {
      const participantId = event.participantId;
      if (participantId === undefined) return state;
      const others = state.screens.filter((screen) => screen.participantId !== participantId);
      return { ...state, screens: [...others, { participantId, atMs: event.atMs, ...event.data }] };
    }
    case 'rushes.screen.share-stopped.v1':
      return { ...state, screens: state.screens.filter((screen) => screen.participantId !== event.participantId) };
    default:
      return state;
  }
}

function changed(state: RoomState, trackId: TrackId, change: Partial<TrackState>): RoomState {
  const track = state.tracks[trackId];
  return track ? { ...state, tracks: { ...state.tracks, [trackId]: { ...track, ...change } } } : state;
}
