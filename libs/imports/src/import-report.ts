import { z } from 'zod';
import { idSchema, trackKindSchema, trackSourceSchema } from '@rushes/timeline';

export const importedTrackSchema = z.object({
  trackId: idSchema,
  participantId: idSchema,
  kind: trackKindSchema,
  source: trackSourceSchema,
  codec: z.string(),
  startMs: z.number().meta({ description: 'On the recording clock.' }),
  durationMs: z.number(),
  isTranscoded: z.boolean().meta({ description: 'Encoded anew, because browsers do not play what was in the file.' }),
});
export type ImportedTrack = z.infer<typeof importedTrackSchema>;

export const fileReportSchema = z
  .object({
    file: z.string(),
    outcome: z.enum(['imported', 'refused', 'ignored']).meta({
      description: 'imported: all or most of it. refused: nothing of it. ignored: import.json does not name it.',
    }),
    problems: z.array(z.string()).meta({ description: 'What could not be taken, and what was expected.' }),
    tracks: z.array(importedTrackSchema),
    events: z.int().meta({ description: 'Chat messages or events of a page that were taken.' }),
  })
  .meta({ id: 'ImportedFile' });
export type FileReport = z.infer<typeof fileReportSchema>;

/** Of one kind of fault in one file so many are told; the rest is counted. */
const mostProblems = 10;

/** What becomes of each file. */
export class ImportReport {
  readonly #files = new Map<string, FileReport & { untold: number }>();

  /** Nothing of the file is taken. */
  refuse(file: string, problem: string): void {
    const report = this.of(file);
    report.outcome = 'refused';
    this.note(file, problem);
  }

  /** A part of the file is not taken. */
  note(file: string, problem: string): void {
    const report = this.of(file);
    if (report.problems.length < mostProblems) report.problems.push(problem);
    else report.untold++;
  }

  ignore(file: string, reason: string): void {
    this.of(file).outcome = 'ignored';
    this.note(file, reason);
  }

  addTrack(file: string, track: ImportedTrack): void {
    this.of(file).tracks.push(track);
  }

  addEvents(file: string, count: number): void {
    this.of(file).events += count;
  }

  /** In the order of their names. */
  list(): FileReport[] {
    return [...this.#files.values()]
      .sort((a, b) => (a.file < b.file ? -1 : 1))
      .map(({ untold, ...report }) => {
        // Named twice, of which one was taken.
        const isTaken = report.tracks.length + report.events > 0;
        const outcome = report.outcome === 'refused' && isTaken ? 'imported' : report.outcome;
        return { ...report, outcome, problems: [...report.problems, ...(untold > 0 ? [`and ${untold} more`] : [])] };
      });
  }

  private of(file: string): FileReport & { untold: number } {
    let report = this.#files.get(file);
    if (!report) {
      report = { file, outcome: 'imported', problems: [], tracks: [], events: 0, untold: 0 };
      this.#files.set(file, report);
    }
    return report;
  }
}
