/**
 * Flavoured identifiers: a plain string is accepted where an id is expected (it came from JSON),
 * but one kind of id is refused where another is expected.
 */
type Id<Name extends string> = string & { readonly __id?: Name };

export type RecordingId = Id<'RecordingId'>;
export type RoomId = Id<'RoomId'>;
export type ParticipantId = Id<'ParticipantId'>;
export type TrackId = Id<'TrackId'>;
export type ExportId = Id<'ExportId'>;
/** Names one captured page; in `dom:<surface>` perspectives and in chunk keys. Matches {@link idPattern}. */
export type SurfaceId = Id<'SurfaceId'>;

/** The room of imported recordings whose document names none. */
export const importedRoomId: RoomId = 'imported';

/** What every identifier may look like: it stands in object keys and URLs without escaping. */
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
