export type SpeechChange<Id> = { id: Id; change: 'started' | 'stopped' };

/**
 * Turns loudness into speech that starts and stops. Speech starts at once; it stops when nothing was heard for
 * `holdMs`, so that the pauses between words do not end it.
 */
export class SpeechDetector<Id> {
  /** When each speaker was last heard. */
  readonly #heardAtMs = new Map<Id, number>();

  constructor(private readonly holdMs: number) {}

  /** `loud` are those heard in the interval that ends at `nowMs`; returns what changed. */
  update(loud: Iterable<Id>, nowMs: number): SpeechChange<Id>[] {
    const changes: SpeechChange<Id>[] = [];
    for (const id of loud) {
      if (!this.#heardAtMs.has(id)) changes.push({ id, change: 'started' });
      this.#heardAtMs.set(id, nowMs);
    }
    for (const [id, heardAtMs] of this.#heardAtMs) {
      if (nowMs - heardAtMs >= this.holdMs && this.#heardAtMs.delete(id)) changes.push({ id, change: 'stopped' });
    }
    return changes;
  }

  /** Whether anybody speaks: whether {@link update} must go on being called. */
  get isAnybodySpeaking(): boolean {
    return this.#heardAtMs.size > 0;
  }

  /** Ends `id`'s speech at once (muted, gone); returns whether they spoke. */
  silence(id: Id): boolean {
    return this.#heardAtMs.delete(id);
  }

  isSpeaking(id: Id): boolean {
    return this.#heardAtMs.has(id);
  }

  speakers(): Id[] {
    return [...this.#heardAtMs.keys()];
  }
}
