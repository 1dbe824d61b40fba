import { rrwebTypes, SeqRanges, type DomEvent, type RrwebEvent, type SurfaceId } from '@rushes/timeline';
import { PoisonError } from '../intake/poison-error.ts';
import type { ChunkRow, ChunkStore } from '../storage/chunk-store.ts';
import type { Position } from './events-stream.ts';

/** A chunk in memory. `source` is the page load that it shows, `firstSeq` that of its opening event. */
type OpenChunk = {
  startMs: number;
  source: string;
  firstSeq: number;
  events: DomEvent[];
  seqRanges: SeqRanges;
  sizeBytes: number;
  isDirty: boolean;
};
/** `key` of what was stored last; undefined until the chunk has been. */
type StoredChunk = { key: string | undefined; startMs: number; source: string; firstSeq: number };

/**
 * A chunk is written again whole as it grows, so it may not grow for ever: pages take a full snapshot long before this. Of a page that
 * does not, what comes beyond is refused until it does.
 */
const mostChunkBytes = 64 * 1024 * 1024;

const defaultMeta = { href: '', width: 1280, height: 720 };

/**
 * One surface's DOM, as chunks that each open with Meta and FullSnapshot and hold what one page load did until its next
 * full snapshot:
 *
 *     timeline/dom/<surface>/0000000120-1.ndjson.gz   page load a: Meta, FullSnapshot, increments …
 *     timeline/dom/<surface>/0000025120-1.ndjson.gz   page load a, its next snapshot …
 *     timeline/dom/<surface>/0000031044-1.ndjson.gz   page load b, after a reload; -1 is the recording's first writer
 *
 * An increment belongs to the chunk of its own page load whose snapshot precedes it by `seq`, however late it arrives: node
 * ids mean nothing in any other. The chunk of the newest snapshot is written again, under the same key, as events come.
 */
export class SurfaceStream {
  readonly #stored: StoredChunk[];
  #open: OpenChunk[] = [];
  /** A Meta event waits for the FullSnapshot that follows it. By source. */
  readonly #metas = new Map<string, { position: Position; event: DomEvent }>();

  constructor(
    private readonly store: ChunkStore,
    readonly surface: SurfaceId,
    rows: readonly ChunkRow[],
  ) {
    this.#stored = rows.flatMap((row) => describe(row) ?? []);
  }

  get isDirty(): boolean {
    return this.#open.some((chunk) => chunk.isDirty);
  }

  /** Whether an event is held that no chunk has yet: the log may not be checkpointed past it. */
  get isWaiting(): boolean {
    return this.#metas.size > 0;
  }

  /** Whether this event is held and no chunk has it yet. */
  isHeld({ source, seq }: Position): boolean {
    return this.#metas.get(source)?.position.seq === seq;
  }

  /**
   * @param sizeBytes of the event as JSON
   * @throws PoisonError when there is no snapshot that it could apply to, or the chunk of that snapshot takes no more
   */
  async add(atMs: number, event: RrwebEvent, position: Position, sizeBytes: number): Promise<void> {
    if (event.type === rrwebTypes.meta) {
      this.#metas.set(position.source, { position, event: { atMs, event } });
      return;
    }
    if (event.type === rrwebTypes.fullSnapshot) return this.openNew({ atMs, event }, position, sizeBytes);
    const { source, seq } = position;
    const chunk = await this.chunkFor(position);
    if (!chunk) throw new PoisonError('no-snapshot', `no snapshot of ${source} precedes event ${seq}`);
    if (chunk.sizeBytes + sizeBytes > mostChunkBytes) {
      const what = `event ${seq} of ${source} would make more than ${mostChunkBytes} bytes since its last full snapshot`;
      throw new PoisonError('chunk-full', what);
    }
    chunk.isDirty = true;
    // The object may hold it already although its row does not say so.
    if (!chunk.seqRanges.add(position)) return;
    chunk.sizeBytes += sizeBytes;
    insertByTime(chunk.events, { atMs: Math.max(atMs, chunk.startMs), event });
  }

  /** A page load ended between its Meta and its snapshot: forgets the Meta. */
  giveUpWaiting(): void {
    this.#metas.clear();
  }

  async flush(): Promise<void> {
    for (const chunk of this.#open) {
      if (chunk.isDirty) await this.write(chunk);
      chunk.isDirty = false;
    }
    // The newest of each page load stays: it is the one that grows.
    const newest = new Map(this.#open.map((chunk) => [chunk.source, chunk]));
    this.#open = this.#open.filter((chunk) => newest.get(chunk.source) === chunk);
  }

  private openNew(snapshot: DomEvent, position: Position, sizeBytes: number): void {
    const meta = this.#metas.get(position.source);
    this.#metas.delete(position.source);
    const startMs = this.freeStart(meta?.event.atMs ?? snapshot.atMs);
    const timestamp = snapshot.event.timestamp;
    const metaEvent = meta?.event.event ?? { type: rrwebTypes.meta, timestamp, data: this.latestMeta() };
    const seqRanges = new SeqRanges();
    for (const each of [meta?.position, position]) if (each) seqRanges.add(each);
    const chunk: OpenChunk = {
      startMs,
      source: position.source,
      firstSeq: meta?.position.seq ?? position.seq,
      events: [
        { atMs: startMs, event: metaEvent },
        { atMs: Math.max(startMs, snapshot.atMs), event: snapshot.event },
      ],
      seqRanges,
      sizeBytes,
      isDirty: true,
    };
    this.#open.push(chunk);
    this.#stored.push({ key: undefined, startMs, source: chunk.source, firstSeq: chunk.firstSeq });
  }

  /** Keys are made of the start: two chunks may not share one. */
  private freeStart(wantedMs: number): number {
    let startMs = wantedMs;
    while (this.#stored.some((chunk) => chunk.startMs === startMs)) startMs++;
    return startMs;
  }

  private latestMeta(): unknown {
    return this.#open.at(-1)?.events[0]?.event.data ?? defaultMeta;
  }

  private async chunkFor({ source, seq }: Position): Promise<OpenChunk | undefined> {
    const stored = this.#stored
      .filter((chunk) => chunk.source === source && chunk.firstSeq < seq)
      .reduce<StoredChunk | undefined>(
        (best, chunk) => (best && best.firstSeq > chunk.firstSeq ? best : chunk),
        undefined,
      );
    if (!stored) return undefined;
    const open = this.#open.find((chunk) => chunk.source === source && chunk.firstSeq === stored.firstSeq);
    if (open) return open;
    if (stored.key === undefined) throw new TypeError(`dom chunk ${stored.startMs} was forgotten before it was stored`);
    const chunk = await this.store.read(stored.key);
    if (chunk.kind !== 'dom') throw new TypeError(`${stored.key}: expected a dom chunk, got ${chunk.kind}`);
    const reopened: OpenChunk = {
      startMs: chunk.startMs,
      source,
      firstSeq: stored.firstSeq,
      events: chunk.events,
      seqRanges: new SeqRanges(chunk.seqRanges),
      sizeBytes: JSON.stringify(chunk.events).length,
      isDirty: false,
    };
    this.#open.unshift(reopened);
    return reopened;
  }

  private async write(chunk: OpenChunk): Promise<void> {
    const { startMs, events, seqRanges } = chunk;
    const { key } = await this.store.write({
      kind: 'dom',
      version: 1,
      recordingId: this.store.recordingId,
      surface: this.surface,
      startMs,
      endMs: events.at(-1)?.atMs ?? startMs,
      seqRanges: seqRanges.toJSON(),
      events,
    });
    const stored = this.#stored.find((each) => each.startMs === startMs);
    if (stored) stored.key = key;
  }
}

/** By time, after those of the same instant; never before Meta and FullSnapshot. */
function insertByTime(events: DomEvent[], event: DomEvent): void {
  let index = events.length;
  while (index > 2 && events[index - 1]!.atMs > event.atMs) index--;
  events.splice(index, 0, event);
}

/** A DOM chunk holds the records of one page load. */
function describe({ key, startMs, seqRanges }: ChunkRow): StoredChunk | undefined {
  const [source, ranges] = Object.entries(seqRanges)[0] ?? [];
  const firstSeq = ranges?.[0]?.[0];
  return source === undefined || firstSeq === undefined ? undefined : { key, startMs, source, firstSeq };
}
