import type { PaletteColor, Point } from '@rushes/whiteboard';
import type { Meeting } from '../meeting/meeting.ts';

/** How often a stroke that is being drawn is sent on, milliseconds: it grows before the others' eyes. */
const sendEveryMs = 100;
/** Points nearer than this (in board units) add nothing. */
const nearest = 0.0015;

/** One stroke from pen down to pen up. */
export class Pen {
  readonly #strokeId = crypto.randomUUID();
  #isAnnounced = false;
  /** Points not sent yet; the first repeats the last one sent, so that the line has no gap. */
  #tail: Point[];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly meeting: Pick<Meeting, 'whiteboard'>,
    private readonly style: { color: PaletteColor; width: number },
    /** Shows the points that are not part of the board yet. */
    private readonly showTail: (points: Point[]) => void,
    start: Point,
  ) {
    this.#tail = [start];
    showTail(this.#tail);
    this.#schedule();
  }

  moveTo(point: Point): void {
    const last = this.#tail.at(-1);
    if (last && Math.hypot(point[0] - last[0], point[1] - last[1]) < nearest) return;
    this.#tail = [...this.#tail, point];
    this.showTail(this.#tail);
    this.#schedule();
  }

  lift(): void {
    clearTimeout(this.#timer);
    this.#send();
    this.showTail([]);
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#send(), sendEveryMs);
  }

  #send(): void {
    this.#timer = undefined;
    const strokeId = this.#strokeId;
    const points = this.#tail;
    if (!this.#isAnnounced) {
      this.#isAnnounced = true;
      void this.meeting.whiteboard('stroke-drawn.v1', { strokeId, ...this.style, points });
    } else if (points.length > 1) {
      void this.meeting.whiteboard('stroke-extended.v1', { strokeId, points: points.slice(1) });
    }
    this.#tail = points.slice(-1);
    this.showTail(this.#tail);
  }
}
