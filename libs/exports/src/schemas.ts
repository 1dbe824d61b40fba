import { z } from 'zod';
import { exportRequestSchema } from '@rushes/render';
import { idSchema } from '@rushes/timeline';

export const exportStatusSchema = z.enum(['queued', 'running', 'done', 'failed', 'cancelled']);

export const createExportSchema = exportRequestSchema.meta({ id: 'ExportRequest' });

export const exportSchema = z
  .object({
    exportId: idSchema,
    recordingId: idSchema,
    status: exportStatusSchema,
    request: z.record(z.string(), z.unknown()).meta({ description: 'What was asked for, with defaults filled in.' }),
    progress: z.number().min(0).max(1),
    error: z.object({ code: z.string(), message: z.string() }).nullable().meta({ description: 'Why it failed.' }),
    result: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'When done: durationMs, sizeBytes, speed (× real time), picture, warnings, verification.' }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Export' });
export type Export = z.infer<typeof exportSchema>;

export const exportListSchema = z
  .object({ exports: z.array(exportSchema).meta({ description: 'The newest first, at most 100.' }) })
  .meta({ id: 'ExportList' });
export type ExportList = z.infer<typeof exportListSchema>;

export const exportPathSchema = z.object({ exportId: idSchema });
