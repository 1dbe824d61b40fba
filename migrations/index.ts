import { Initial1763800000000 } from './1763800000000-initial.ts';
import { Rooms1763800000001 } from './1763800000001-rooms.ts';
import { EventCounts1763800000002 } from './1763800000002-event-counts.ts';
import { Recorders1763800000010 } from './1763800000010-recorders.ts';
import { TrackHeardAt1763800000011 } from './1763800000011-track-heard-at.ts';
import { HighestLayer1763800000021 } from './1763800000021-highest-layer.ts';
import { TrackPackets1763800000022 } from './1763800000022-track-packets.ts';
import { TimelineEpoch1763800000024 } from './1763800000024-timeline-epoch.ts';

/** In the order in which they run. A landed migration is never edited: add another. */
export const migrations = [
  Initial1763800000000,
  Rooms1763800000001,
  EventCounts1763800000002,
  Recorders1763800000010,
  TrackHeardAt1763800000011,
  HighestLayer1763800000021,
  TrackPackets1763800000022,
  TimelineEpoch1763800000024,
];
