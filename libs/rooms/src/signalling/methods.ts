import type { EventParser, ParticipantRole } from '@rushes/timeline';
import { checkAppEvent } from '../room/app-event-rules.ts';
import type { Member } from '../room/member.ts';
import type { RoomRecordings } from '../room/room-recordings.ts';
import type { RoomRegistry } from '../room/room-registry.ts';
import type { Room } from '../room/room.ts';
import type { Answers } from '../protocol/answers.ts';
import type { Method, RequestData } from '../protocol/requests.ts';
import { SignallingError } from './signalling-error.ts';

/** What a method works on: the asker's presence and its room. */
export type Call = {
  room: Room;
  member: Member;
  registry: RoomRegistry;
  recordings: RoomRecordings;
  parser: EventParser;
  pluginIds: ReadonlySet<string>;
  /** A token for any number of guests. */
  issueInvitation: () => Promise<string>;
};

/** All methods but `join`, which makes the member. */
export type MemberMethod = Exclude<Method, 'join'>;
type Handlers = { [M in MemberMethod]: (call: Call, data: RequestData[M]) => Promise<Answers[M]> | Answers[M] };

const done = {};

export const handlers: Handlers = {
  createTransport: ({ member }, data) => member.media.createTransport(data),
  connectTransport: async ({ member }, data) => {
    await member.media.connectTransport(data);
    return done;
  },
  restartIce: ({ member }, data) => member.media.restartIce(data),

  produce: async ({ room, member }, data) => {
    const track = await member.media.produce(data);
    room.openTrack(member, track);
    return { trackId: track.trackId };
  },
  pauseProducer: async ({ room, member }, { trackId, reason }) => {
    await room.pauseTrack(member.media.track(trackId), reason);
    return done;
  },
  resumeProducer: async ({ room, member }, { trackId }) => {
    await room.resumeTrack(member.media.track(trackId));
    return done;
  },
  closeProducer: ({ room, member }, { trackId }) => {
    room.closeTrack(member, member.media.track(trackId), 'closed');
    return done;
  },

  consume: ({ room, member }, { trackId }) => member.media.consume(room.findTrack(trackId, member)),
  resumeConsumer: async ({ member }, { consumerId }) => {
    await member.media.consumer(consumerId).resume();
    return done;
  },
  pauseConsumer: async ({ member }, { consumerId }) => {
    await member.media.consumer(consumerId).pause();
    return done;
  },
  setPreferredLayers: async ({ member }, { consumerId, ...layers }) => {
    await member.media.consumer(consumerId).setPreferredLayers(layers);
    return done;
  },

  sendEvent: ({ room, member, parser, pluginIds }, { type, data, emittedTo }) => {
    const { participantId } = member;
    const event = parser.parse({ type, atMs: room.nowMs(), participantId, data });
    checkAppEvent(event, {
      state: room.state,
      isHost: isHost(member),
      isRecording: room.recording !== undefined,
      pluginIds,
    });
    return { atMs: room.relay({ type: event.type, participantId, data: event.data }, emittedTo) };
  },
  readState: ({ room }) => room.view(),

  renewCaptureToken: async ({ room, member, recordings }) => {
    const grant = await recordings.grant(room, member.participantId);
    if (!grant) throw new SignallingError('not-recording', 'This meeting is not being recorded');
    return grant;
  },
  invite: async ({ member, issueInvitation }) => {
    requireHost(member, 'invite people');
    return { token: await issueInvitation() };
  },
  startRecording: async ({ room, member, recordings }, options) => {
    requireHost(member, 'start a recording');
    const { recordingId } = await recordings.start(room, { ...options, startedBy: member.participantId });
    return { recordingId };
  },
  stopRecording: async ({ room, member, recordings }) => {
    requireHost(member, 'stop the recording');
    await recordings.stop(room);
    return done;
  },

  endRoom: async ({ room, member, registry }) => {
    requireHost(member, 'end the meeting for everybody');
    await registry.end(room, 'room-ended');
    return done;
  },
  leave: ({ room, member }) => {
    room.remove(member, 'left');
    return done;
  },
};

function isHost({ role }: { role: ParticipantRole }): boolean {
  return role === 'host';
}

function requireHost(member: Member, what: string): void {
  if (!isHost(member)) throw new SignallingError('not-allowed', `Only the host may ${what}`);
}
