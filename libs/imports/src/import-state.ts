import { z } from 'zod';
import { idSchema } from '@rushes/timeline';
import { fileReportSchema } from './import-report.ts';

export const importStateSchema = z
  .object({
    recordingId: idSchema.meta({ description: 'Of the recording that is made, and of the import.' }),
    status: z.enum(['running', 'done', 'failed']).meta({
      description: 'done: the recording is complete as soon as its own status is ready. failed: upload it again.',
    }),
    problem: z.string().nullable().meta({ description: 'Why it failed.' }),
    files: z.array(fileReportSchema).meta({ description: 'What became of each file; empty while it runs.' }),
  })
  .meta({ id: 'Import' });
export type ImportState = z.infer<typeof importStateSchema>;
