import { stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { MediaError, probeMediaFile, type FileStream } from '@rushes/media';
import { idPattern, rrwebTypes, type ImportDocument, type ParticipantId, type SurfaceId } from '@rushes/timeline';
import { readChat, type ChatLine } from '../files/read-chat.ts';
import { PacketsError, scanPackets, type PacketsScan } from '../files/read-packets.ts';
import { readPage } from '../files/read-page.ts';
import { ImportError } from '../import-error.ts';
import { ImportReport } from '../import-report.ts';
import { ImportClock, strayAnchors, type Anchor } from './import-clock.ts';
import { readDocument } from './read-document.ts';
import { refuseMisplaced } from './refuse-misplaced.ts';

type TrackEntry = ImportDocument['tracks'][number];
/** `anchor`: where the first thing in the file stands. */
type Planned = { file: string; path: string; anchor: Anchor };
export type PlannedMedia = Planned & {
  entry: TrackEntry;
  streams: FileStream[];
  /** The file's timestamp of its first packet, milliseconds. */
  firstMs: number;
};
export type PlannedPackets = Planned & {
  entry: TrackEntry & { rtp: NonNullable<TrackEntry['rtp']> };
  scan: PacketsScan;
};
export type PlannedPage = Planned & {
  participantId: ParticipantId;
  surface: SurfaceId;
  /** The page's epoch milliseconds of its first and last event. */
  firstAt: number;
  lastAt: number;
};
export type PlannedChat = Planned & { lines: ChatLine[] };

/** An import that can be run: what was found in the files, and what was wrong with others. */
export type ImportPlan = {
  document: ImportDocument;
  clock: ImportClock;
  media: PlannedMedia[];
  packets: PlannedPackets[];
  pages: PlannedPage[];
  chats: PlannedChat[];
  report: ImportReport;
};

/**
 * Looks into every file of a folder, and finds out what is to become of it. Changes nothing.
 * @param nowMs epoch milliseconds, for recordings of which nothing says when they were
 * @throws ImportError; the signal's reason when aborted
 */
export async function planImport(folder: string, nowMs: number, signal?: AbortSignal): Promise<ImportPlan> {
  const report = new ImportReport();
  const document = await readDocument(folder, report);
  const planner = new Planner(folder, document, report, signal);
  const [media, packets] = [await planner.media(), await planner.packets()];
  const [pages, chats] = [await planner.pages(), await planner.chats()];
  const all: Planned[] = [...media, ...packets, ...pages, ...chats];
  const declared = document.recordedAt === undefined ? undefined : epochMsOf(document.recordedAt);
  const lines = new Map(chats.flatMap((chat) => chat.lines.flatMap((line) => anchorOf(line, chat.file))));
  const anchors = [...all.map(({ anchor }) => anchor), ...lines.keys()];
  const stray = strayAnchors(anchors, declared);
  const offMark = 'its clock is more than a day off';
  for (const { file, anchor } of all) {
    if (stray.has(anchor)) report.refuse(file, `${offMark}: expected startMs or startsAt to place it`);
  }
  for (const [line, file] of lines) {
    if (stray.has(line)) report.note(file, `the message of ${new Date(line.epochMs).toISOString()}: ${offMark}`);
  }
  for (const chat of chats) chat.lines = chat.lines.filter((line) => !('epochMs' in line && stray.has(line)));
  const sound = anchors.filter((anchor) => !stray.has(anchor));
  const clock = ImportClock.of(sound, declared, nowMs);
  const isSound = ({ anchor }: Planned): boolean => !stray.has(anchor);
  const found = {
    ...{ media: media.filter(isSound), packets: packets.filter(isSound) },
    ...{ pages: pages.filter(isSound), chats: chats.filter(isSound) },
  };
  const misplaced = refuseMisplaced(found, clock, report);
  const isPlaced = (each: Planned): boolean => !misplaced.has(each);
  const plan = {
    ...{ document, report, clock },
    ...{ media: found.media.filter(isPlaced), packets: found.packets.filter(isPlaced) },
    ...{ pages: found.pages.filter(isPlaced), chats: found.chats.filter(isPlaced) },
  };
  if (plan.media.length + plan.packets.length + plan.pages.length + plan.chats.length === 0) {
    const files = report.list();
    const said = files.map(({ file, problems }) => `${file}: ${problems.join('; ')}`).join('\n');
    throw new ImportError('nothing-imported', `nothing in the folder can be imported${said && `:\n${said}`}`, {
      files,
    });
  }
  return plan;
}

class Planner {
  constructor(
    private readonly folder: string,
    private readonly document: ImportDocument,
    private readonly report: ImportReport,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async media(): Promise<PlannedMedia[]> {
    const entries = this.document.tracks.filter(({ file, rtp }) => rtp === undefined && !isDump(file));
    const planned = await this.each(entries, async (entry, path) => {
      const { streams, leftOut } = await probeMediaFile(path, this.signal);
      for (const part of leftOut) this.report.note(entry.file, part);
      const firstMs = Math.min(...streams.map(({ startMs }) => startMs));
      return { ...placed(entry, path, { ms: 0 }), entry, streams, firstMs };
    });
    if (!this.document.sharedTimestamps) return planned;
    const isShared = ({ entry }: PlannedMedia): boolean => entry.startMs === undefined && entry.startsAt === undefined;
    const earliestMs = Math.min(...planned.filter(isShared).map(({ firstMs }) => firstMs));
    return planned.map((each) => (isShared(each) ? { ...each, anchor: { ms: each.firstMs - earliestMs } } : each));
  }

  packets(): Promise<PlannedPackets[]> {
    const entries = this.document.tracks.filter(({ file, rtp }) => rtp !== undefined || isDump(file));
    return this.each(entries, async (entry, path) => {
      const { rtp } = entry;
      if (!rtp)
        throw new PacketsError('rtp.codec: expected the MIME type of the packets, like audio/opus or video/VP8');
      const scan = await scanPackets(path, rtp.payloadType);
      if (scan.torn) {
        const { fromByte, sizeBytes } = scan.torn;
        this.report.note(entry.file, `${sizeBytes} bytes from byte ${fromByte} on are no whole packets`);
      }
      const own = scan.startedAt > 0 ? { epochMs: scan.startedAt + scan.firstMs } : { ms: 0 };
      return { ...placed(entry, path, own), entry: { ...entry, rtp }, scan };
    });
  }

  pages(): Promise<PlannedPage[]> {
    return this.each(this.document.pages, async (entry, path) => {
      const { participant: participantId, name } = entry;
      const surface = name === undefined ? participantId : `${participantId}-${name}`;
      if (!idPattern.test(surface)) {
        throw new UnusableFile(`name: expected with the id of the participant at most 64 characters, got "${surface}"`);
      }
      let [firstAt, lastAt, hasSnapshot] = [Infinity, -Infinity, false];
      for await (const part of readPage(path)) {
        if ('problem' in part) this.report.note(entry.file, `${part.where}: ${part.problem}`);
        else {
          hasSnapshot ||= part.event.type === rrwebTypes.fullSnapshot;
          firstAt = Math.min(firstAt, part.event.timestamp);
          lastAt = Math.max(lastAt, part.event.timestamp);
        }
      }
      if (!hasSnapshot)
        throw new UnusableFile('expected a full snapshot (rrweb type 2): without one nothing can be shown');
      return { ...placed(entry, path, { epochMs: firstAt }), participantId, surface, firstAt, lastAt };
    });
  }

  chats(): Promise<PlannedChat[]> {
    return this.each(this.document.chats, async (entry, path) => {
      const { lines, problems } = await readChat(path, entry.file);
      for (const { where, problem } of problems) this.report.note(entry.file, `${where}: ${problem}`);
      if (lines.length === 0) throw new UnusableFile('expected messages, none can be read');
      return { ...placed(entry, path, { ms: 0 }), lines };
    });
  }

  /** What cannot be read is noted, and the others go on. */
  private async each<Entry extends { file: string }, P>(
    entries: readonly Entry[],
    plan: (entry: Entry, path: string) => Promise<P>,
  ): Promise<P[]> {
    const planned: P[] = [];
    for (const entry of entries) {
      this.signal?.throwIfAborted();
      const path = resolve(this.folder, entry.file);
      const isInside = path.startsWith(resolve(this.folder) + sep);
      const found = isInside ? await stat(path).catch(() => undefined) : undefined;
      if (!found?.isFile()) this.report.refuse(entry.file, 'expected a file, there is none of this name');
      else {
        try {
          planned.push(await plan(entry, path));
        } catch (error) {
          if (!isFault(error)) throw error;
          this.report.refuse(entry.file, error.message);
        }
      }
    }
    return planned;
  }
}

class UnusableFile extends Error {}

function anchorOf(line: ChatLine, file: string): [line: { epochMs: number }, file: string][] {
  return 'epochMs' in line ? [[line, file]] : [];
}

/** Whether it is the file that is at fault. */
export function isFault(error: unknown): error is Error {
  return error instanceof MediaError || error instanceof PacketsError || error instanceof UnusableFile;
}

function isDump(file: string): boolean {
  return /\.rtpdump$/i.test(file);
}

function placed(
  { file, startMs, startsAt }: { file: string; startMs?: number | undefined; startsAt?: string | number | undefined },
  path: string,
  otherwise: Anchor,
): Planned {
  if (startMs !== undefined) return { file, path, anchor: { ms: startMs } };
  return { file, path, anchor: startsAt === undefined ? otherwise : { epochMs: epochMsOf(startsAt) } };
}

function epochMsOf(instant: string | number): number {
  return new Date(instant).getTime();
}
