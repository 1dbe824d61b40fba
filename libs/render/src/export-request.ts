import { z } from 'zod';

/** Even, as 4:2:0 needs; at most 4K. */
const side = (max: number) => z.int().min(64).max(max).multipleOf(2, 'expected an even number');

/** What an export is asked for. Times are on the recording clock; the range is `[fromMs, toMs)`. */
export const exportRequestSchema = z
  .strictObject({
    /** `room` or `dom:<surface>`; must stand in the manifest's perspectives. */
    perspective: z.string().regex(/^(room|dom:[A-Za-z0-9][A-Za-z0-9_-]{0,63})$/, 'expected room or dom:<surface>'),
    /** Used by the `room` perspective. */
    layout: z.enum(['grid', 'speaker']).default('grid'),
    width: side(3840).default(1280),
    height: side(2160).default(720),
    fps: z.int().min(1).max(60).default(30),
    /** Default: the recording's start. */
    fromMs: z.number().min(0).optional(),
    /** Default: the recording's end. */
    toMs: z.number().min(0).optional(),
  })
  .refine((request) => request.toMs === undefined || request.toMs > (request.fromMs ?? 0), {
    message: 'expected toMs above fromMs',
    path: ['toMs'],
  });

export type ExportRequest = z.infer<typeof exportRequestSchema>;
