import { sanitiseDomEvent } from '@rushes/platform';
import {
  browserEventTypes,
  createEventParser,
  parsePluginType,
  TimelineError,
  type CapturedEvent,
  type EventParser,
  type ParticipantId,
  type TimelineEvent,
  type TimelinePlugin,
} from '@rushes/timeline';
import { IngestRefusal } from '../refusal.ts';

/** Who sends, and where the recording clock stands. */
export type AdmissionContext = {
  participantId: ParticipantId;
  /** Latest instant an event may have: now, or the recording's end, milliseconds. */
  latestMs: number;
  maxEventBytes: number;
  /** Size of the whole message that the event came in. */
  messageBytes: number;
  /** Up to this, no event need be measured. */
  measureOverBytes: number;
};

/** The JSON of `event.data` has at most `mostBytes`; `event` is undefined when sanitising left nothing. */
export type AdmittedEvent = { seq: number; event: TimelineEvent | undefined; mostBytes: number; removed: number };

/** How much longer JSON may be, written again, than it came: `1e20` is written out. */
const mostGrowth = 6;
/** Of a character in UTF-8. */
const mostCharacterBytes = 3;

const browserTypes: ReadonlySet<string> = new Set(browserEventTypes);

/**
 * Decides what of a captured page's events reaches the log: only types that a page may say, as their schemas want them,
 * with the sender's identity and an instant that is possible, and harmless.
 */
export class EventAdmission {
  readonly #parser: EventParser;

  constructor(plugins: readonly TimelinePlugin[] = []) {
    this.#parser = createEventParser(plugins);
  }

  /** @throws IngestRefusal `malformed` or `too-large`, naming the event's seq */
  admit(captured: CapturedEvent, context: AdmissionContext): AdmittedEvent {
    const { seq, type } = captured;
    const { participantId, latestMs } = context;
    if (!isFromBrowser(type)) {
      throw new IngestRefusal('malformed', `type: "${type.slice(0, 100)}" may not come from a page`, { seq });
    }
    const atMs = Math.min(Math.max(0, Math.round(captured.atMs)), latestMs);
    const event = this.parse({ type, atMs, participantId, data: captured.data }, seq);
    let removed = 0;
    if (event.type === 'rushes.dom.recorded.v1' || event.type === 'rushes.dom.gap-noted.v1') {
      if (!isOwnSurface(event.data.surface, participantId)) {
        throw new IngestRefusal('malformed', `data.surface: expected "${participantId}" or "${participantId}-…"`, {
          seq,
        });
      }
    }
    if (event.type === 'rushes.dom.recorded.v1') {
      if (!event.data.event) throw new IngestRefusal('malformed', 'data.claim: only the gateway makes claims', { seq });
      const result = sanitiseDomEvent(event.data.event);
      removed = result.removed;
      if (result.isEmpty) return { seq, event: undefined, mostBytes: 0, removed };
    }
    return { seq, event, mostBytes: this.measure(event.data, seq, context), removed };
  }

  /** Writes the data as JSON only where the message was large enough for it to matter. */
  private measure(data: unknown, seq: number, context: AdmissionContext): number {
    const { messageBytes, measureOverBytes, maxEventBytes } = context;
    const mostBytes = messageBytes * mostGrowth;
    if (mostBytes <= measureOverBytes) return mostBytes;
    const { length } = JSON.stringify(data);
    if (length > maxEventBytes) {
      throw new IngestRefusal('too-large', `data: ${length} bytes, expected at most ${maxEventBytes}`, { seq });
    }
    return length * mostCharacterBytes;
  }

  private parse(event: Parameters<EventParser['parse']>[0], seq: number): TimelineEvent {
    try {
      return this.#parser.parse(event);
    } catch (cause) {
      if (!(cause instanceof TimelineError)) throw cause;
      throw new IngestRefusal('malformed', cause.message, { seq, cause });
    }
  }
}

function isFromBrowser(type: string): boolean {
  return browserTypes.has(type) || parsePluginType(type) !== undefined;
}

/** A page may not draw over what another participant saw. */
function isOwnSurface(surface: string, participantId: ParticipantId): boolean {
  return surface === participantId || surface.startsWith(`${participantId}-`);
}
