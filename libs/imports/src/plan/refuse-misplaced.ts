import { atMsSchema, type ParticipantId, type SurfaceId } from '@rushes/timeline';
import type { ChatLine } from '../files/read-chat.ts';
import type { ImportReport } from '../import-report.ts';
import type { Anchor, ImportClock } from './import-clock.ts';

/** The last instant that events can have, on the recording clock. Milliseconds. */
const latestMs = atMsSchema.maxValue!;
const tooLate = 'expected to end within 24 days of the beginning of the recording';

type Placed = { file: string; anchor: Anchor };
type Lengths = {
  packets: readonly (Placed & { scan: { firstMs: number; lastMs: number } })[];
  media: readonly Placed[];
  pages: readonly (Placed & { participantId: ParticipantId; surface: SurfaceId; firstAt: number; lastAt: number })[];
  chats: readonly (Placed & { lines: ChatLine[] })[];
};

/**
 * Finds what cannot stand where it was placed, and says why in the report: what ends later than any event can, and pages that say at
 * one time that they are the same one. Messages that are too late are taken out of their logs.
 */
export function refuseMisplaced(files: Lengths, clock: ImportClock, report: ImportReport): Set<Placed> {
  const refused = new Set<Placed>();
  const refuse = (file: Placed, problem: string): void => {
    refused.add(file);
    report.refuse(file.file, problem);
  };
  const judge = (file: Placed, lengthMs: number): void => {
    if (clock.place(file.anchor) + lengthMs > latestMs) refuse(file, tooLate);
  };
  for (const each of files.media) judge(each, 0);
  for (const each of files.packets) judge(each, each.scan.lastMs - each.scan.firstMs);
  for (const each of files.pages) judge(each, each.lastAt - each.firstAt);
  for (const chat of files.chats) {
    const beginsMs = clock.place(chat.anchor);
    const kept = chat.lines.filter((line) => {
      return ('epochMs' in line ? clock.place(line) : beginsMs + line.atMs) <= latestMs;
    });
    const lost = chat.lines.length - kept.length;
    chat.lines = kept;
    if (kept.length === 0) refuse(chat, tooLate);
    else if (lost > 0) report.note(chat.file, `${lost} messages: ${tooLate}`);
  }
  const kept = files.pages.filter((page) => !refused.has(page)).map((page) => ({ page, ms: clock.place(page.anchor) }));
  const ends = new Map<SurfaceId, number>();
  for (const { page, ms } of kept.sort((a, b) => a.ms - b.ms)) {
    const { surface, participantId, firstAt, lastAt } = page;
    if (ms < (ends.get(surface) ?? -Infinity)) {
      refuse(page, `name: expected one, of its own: it is another page of ${participantId} at the same time`);
    } else ends.set(surface, ms + lastAt - firstAt);
  }
  return refused;
}
