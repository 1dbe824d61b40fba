import { z } from 'zod';
import { idSchema, type RecordingId } from '@rushes/timeline';
import { ProblemError } from '@rushes/platform';

/** The last recording of a page; the next page begins after it. */
export type PageCursor = { recordedAt: number; recordingId: RecordingId };

const cursorSchema = z.tuple([z.int().min(0), idSchema]);

export function encodeCursor({ recordedAt, recordingId }: PageCursor): string {
  return Buffer.from(JSON.stringify([recordedAt, recordingId])).toString('base64url');
}

/** @throws ProblemError 400 `input-invalid` when `text` is not a cursor */
export function decodeCursor(text: string): PageCursor {
  try {
    const [recordedAt, recordingId] = cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return { recordedAt, recordingId };
  } catch (cause) {
    const expected = 'the nextCursor of an earlier page';
    throw new ProblemError(
      400,
      'input-invalid',
      `query.cursor: expected ${expected}`,
      [{ field: 'query.cursor', expected }],
      { cause },
    );
  }
}
