import { z } from 'zod';
import { idSchema, type RecordingId } from '@rushes/timeline';
import { requireRecordingAccess, type Principal, type RecordingAction } from '../auth/principal.ts';
import { parseInput } from '../errors/parse-input.ts';
import { addToContext } from '../logging/work-context.ts';

/** Of paths below `/v1/recordings/{recordingId}`. */
export const recordingPathSchema = z.object({ recordingId: idSchema });

/**
 * The recording that a path names, if `principal` may do `action` with it; what is logged from here on carries it.
 * @throws ProblemError 400 `input-invalid`, 403 `not-allowed`
 */
export function recordingInPath(params: unknown, principal: Principal, action: RecordingAction = 'view'): RecordingId {
  const { recordingId } = parseInput(recordingPathSchema, params, 'path');
  addToContext({ recordingId });
  requireRecordingAccess(principal, recordingId, action);
  return recordingId;
}
