import type { RecordingId } from '../ids.ts';
import type { EventEnvelope } from './envelope.ts';

export type WrapOptions = {
  recordingId: RecordingId;
  /** `participants/<participantId>/<captureId>` or `services/<name>/<instanceId>`. */
  source: string;
  /** Counts from 0 within `source`. */
  seq: number;
  /** Epoch milliseconds for the `time` attribute. */
  nowMs: number;
};

/** Puts a timeline event into its CloudEvents envelope; does not validate. */
export function wrapEvent(
  event: { type: string; atMs: number; participantId?: string | undefined; data: unknown },
  options: WrapOptions,
): EventEnvelope {
  return {
    specversion: '1.0',
    id: `${options.source}#${options.seq}`,
    source: options.source,
    type: event.type,
    subject: options.recordingId,
    time: timeOf(options.nowMs),
    datacontenttype: 'application/json',
    recordingid: options.recordingId,
    ...(event.participantId === undefined ? {} : { participantid: event.participantId }),
    seq: options.seq,
    atms: event.atMs,
    data: event.data,
  };
}

/** RFC 3339; the events of a batch share it, and writing it costs more than all the rest. */
function timeOf(nowMs: number): string {
  if (nowMs !== lastTime.nowMs) lastTime = { nowMs, text: new Date(nowMs).toISOString() };
  return lastTime.text;
}

let lastTime = { nowMs: 0, text: new Date(0).toISOString() };

/** The event inside, unvalidated: give it to an `EventParser`. */
export function unwrapEvent(envelope: EventEnvelope): {
  type: string;
  atMs: number;
  participantId?: string | undefined;
  data: unknown;
} {
  return {
    type: envelope.type,
    atMs: envelope.atms,
    ...(envelope.participantid === undefined ? {} : { participantId: envelope.participantid }),
    data: envelope.data,
  };
}
