import { z } from 'zod';
import { idSchema } from '@rushes/timeline';
import { CaptureError } from '../errors.ts';

const claimsSchema = z.object({ recordingId: idSchema, participantId: idSchema });
export type CaptureIdentity = z.infer<typeof claimsSchema>;

/**
 * Reads what a capture token says about itself, so that events have their source before the first connection. Only the
 * gateway can tell whether the token is genuine.
 * @throws CaptureError `option-invalid` when it is no capture token.
 */
export function readToken(token: string): CaptureIdentity {
  try {
    const payload = token.split('.')[1] ?? '';
    const json = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    return claimsSchema.parse(JSON.parse(json));
  } catch (cause) {
    throw new CaptureError('option-invalid', 'token: expected a capture token with recordingId and participantId', {
      cause,
    });
  }
}
