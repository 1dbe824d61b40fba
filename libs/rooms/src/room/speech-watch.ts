import { performance } from 'node:perf_hooks';
import type { ParticipantId } from '@rushes/timeline';
import { SpeechDetector } from '../media/speech-detector.ts';

/** Silence shorter than this belongs to the speech around it, milliseconds. */
const holdMs = 1_000;

/** Says who begins and stops to speak, from the loudness that the media worker reports. */
export class SpeechWatch {
  readonly #detector = new SpeechDetector<ParticipantId>(holdMs);
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly onChange: (participantId: ParticipantId, change: 'started' | 'stopped') => void) {}

  /** Those heard in the last interval; nobody: called once, when the last one has fallen silent. */
  heard(participantIds: Iterable<ParticipantId>): void {
    for (const { id, change } of this.#detector.update(participantIds, performance.now())) this.onChange(id, change);
    clearTimeout(this.#timer);
    // The worker does not repeat that all is quiet, so the end of the hold is waited for here.
    if (this.#detector.isAnybodySpeaking) this.#timer = setTimeout(() => this.heard([]), holdMs).unref();
  }

  /** Ends a participant's speech at once: muted, gone. */
  silence(participantId: ParticipantId): void {
    if (this.#detector.silence(participantId)) this.onChange(participantId, 'stopped');
  }

  speakers(): ParticipantId[] {
    return this.#detector.speakers();
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
