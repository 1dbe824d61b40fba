import {
  createEventParser,
  createReducer,
  type ParticipantId,
  type RoomState,
  type TimelineEvent,
} from '@rushes/timeline';
import { whiteboardPlugin } from '@rushes/whiteboard';
import type { RoomView } from '@rushes/rooms/protocol';

const plugins = [whiteboardPlugin];
const parser = createEventParser(plugins);
const reducer = createReducer(plugins);

export const emptyRoom: RoomState = reducer.initialState();

/** The room's state as this page knows it: the server's, plus what this page has just done. */
export class LocalRoom {
  #state: RoomState = emptyRoom;
  /** `performance.now()` at the room clock's zero. */
  #zeroMs = 0;

  get state(): RoomState {
    return this.#state;
  }

  /** Begins from what the server knows. */
  load({ state, nowMs }: RoomView): void {
    this.#zeroMs = performance.now() - nowMs;
    this.#state = state;
  }

  nowMs(): number {
    return Math.max(0, Math.round(performance.now() - this.#zeroMs));
  }

  apply(event: TimelineEvent): void {
    this.#state = reducer.apply(this.#state, event);
  }

  /**
   * Checks and applies what this page's participant does, before the server has heard of it.
   * @throws TimelineError naming the field
   */
  act(type: string, data: unknown, participantId: ParticipantId): TimelineEvent {
    const event = parser.parse({ type, data, atMs: this.nowMs(), participantId });
    this.apply(event);
    return event;
  }

  /** Forgets reactions and captions that are over. Returns whether anything changed. */
  settle(): boolean {
    const settled = reducer.settle(this.#state, this.nowMs());
    const isChanged = settled !== this.#state;
    this.#state = settled;
    return isChanged;
  }
}
