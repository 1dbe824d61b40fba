import { wrapEvent, type EventEnvelope, type RecordingId } from '@rushes/timeline';

export type SampleOptions = { recordingId?: RecordingId; source?: string; from?: number; padding?: number };

/** Chat messages with rising `seq`, `from` on; `padding` adds so many characters to each. */
export function sampleEvents(
  count: number,
  { recordingId = 'rec-1', source = 'services/contract/1', from = 0, padding = 0 }: SampleOptions = {},
): EventEnvelope[] {
  return Array.from({ length: count }, (_, index) => {
    const seq = from + index;
    const data = { messageId: `m${seq}`, text: `line ${seq}${'.'.repeat(padding)}` };
    return wrapEvent(
      { type: 'rushes.chat.message-sent.v1', atMs: seq, participantId: 'ada', data },
      { recordingId, source, seq, nowMs: Date.UTC(2026, 0, 1) + seq },
    );
  });
}
