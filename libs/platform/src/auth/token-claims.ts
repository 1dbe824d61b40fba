import { z } from 'zod';
import { idSchema } from '@rushes/timeline';

/** May take part in one room's meeting. */
const meetingClaims = z.object({
  scope: z.literal('meeting'),
  roomId: idSchema,
  /** As whom. Without one it is an invitation for many: whoever connects with it becomes a participant of their own. */
  participantId: idSchema.optional(),
  name: z.string().min(1).max(100).optional(),
  role: z.enum(['host', 'guest']),
});
/** May deliver one participant's events to one recording. */
const captureClaims = z.object({ scope: z.literal('capture'), recordingId: idSchema, participantId: idSchema });
/** May look at one recording; without `recordingId`, at all of them. */
const viewerClaims = z.object({
  scope: z.literal('viewer'),
  recordingId: idSchema.optional(),
  /** May also have exports made, cancelled and downloaded. */
  canExport: z.boolean(),
});

export const tokenClaimsSchema = z.discriminatedUnion('scope', [meetingClaims, captureClaims, viewerClaims]);
export type TokenClaims = z.infer<typeof tokenClaimsSchema>;
export type TokenScope = TokenClaims['scope'];
export type ClaimsOf<S extends TokenScope> = Extract<TokenClaims, { scope: S }>;
