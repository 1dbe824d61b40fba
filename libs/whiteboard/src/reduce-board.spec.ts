import { createEventParser, createReducer, type RoomState, type TimelineEvent } from '@rushes/timeline';
import { describe, expect, it } from 'vitest';
import { maxStrokes, palette, type Board, type Point } from './board.ts';
import { whiteboardType, type WhiteboardEventData, type WhiteboardEventName } from './events.ts';
import { boardOf, whiteboardPlugin } from './whiteboard-plugin.ts';

const parser = createEventParser([whiteboardPlugin]);
const reducer = createReducer([whiteboardPlugin]);

function event<N extends WhiteboardEventName>(
  participantId: string,
  name: N,
  data: WhiteboardEventData[N],
  atMs = 0,
): TimelineEvent {
  return parser.parse({ type: whiteboardType(name), atMs, participantId, data });
}

function drawn(participantId: string, strokeId: string, points: Point[] = [[0.5, 0.5]]): TimelineEvent {
  return event(participantId, 'stroke-drawn.v1', { strokeId, color: palette[0], width: 0.004, points });
}

function replay(events: TimelineEvent[], from: RoomState = reducer.initialState()): Board {
  return boardOf(events.reduce((state, next) => reducer.apply(state, next), from));
}

const idsOf = (board: Board) => board.strokes.map((stroke) => stroke.strokeId);

describe('whiteboard', () => {
  it('keeps strokes in the order in which they were drawn, with who drew them', () => {
    const board = replay([drawn('ada', 's1'), drawn('bob', 's2')]);
    expect(board.strokes.map(({ strokeId, participantId }) => [strokeId, participantId])).toEqual([
      ['s1', 'ada'],
      ['s2', 'bob'],
    ]);
  });

  it('extends a stroke only for the one who drew it', () => {
    const extended = (who: string) => event(who, 'stroke-extended.v1', { strokeId: 's1', points: [[0.6, 0.6]] });
    expect(replay([drawn('ada', 's1'), extended('bob')]).strokes[0]!.points).toHaveLength(1);
    expect(replay([drawn('ada', 's1'), extended('ada')]).strokes[0]!.points).toEqual([
      [0.5, 0.5],
      [0.6, 0.6],
    ]);
  });

  it("takes back the sender's own newest stroke and nobody else's", () => {
    const before = [drawn('ada', 's1'), drawn('ada', 's2'), drawn('bob', 's3')];
    expect(idsOf(replay([...before, event('ada', 'stroke-undone.v1', {})]))).toEqual(['s1', 's3']);
    expect(idsOf(replay([...before, event('eve', 'stroke-undone.v1', {})]))).toEqual(['s1', 's2', 's3']);
  });

  it('lets anybody rub out a stroke and clear the board', () => {
    const before = [drawn('ada', 's1'), drawn('bob', 's2')];
    expect(idsOf(replay([...before, event('eve', 'stroke-erased.v1', { strokeId: 's1' })]))).toEqual(['s2']);
    expect(idsOf(replay([...before, event('eve', 'board-cleared.v1', {})]))).toEqual([]);
  });

  it('is not changed by a stroke that is seen twice', () => {
    expect(idsOf(replay([drawn('ada', 's1'), drawn('ada', 's1', [[0, 0]])]))).toEqual(['s1']);
  });

  it('holds the newest strokes when there are too many', () => {
    const many = Array.from({ length: maxStrokes + 3 }, (_, index) => drawn('ada', `s${index}`));
    const board = replay(many);
    expect(board.strokes).toHaveLength(maxStrokes);
    expect(board.strokes[0]!.strokeId).toBe('s3');
  });

  it('never changes a state that it was given', () => {
    const first = reducer.apply(reducer.initialState(), drawn('ada', 's1'));
    const frozen = structuredClone(first);
    reducer.apply(first, event('ada', 'stroke-extended.v1', { strokeId: 's1', points: [[1, 1]] }));
    reducer.apply(first, event('ada', 'board-cleared.v1', {}));
    expect(first).toEqual(frozen);
  });

  it('refuses a point off the board, a colour off the palette and an unknown event, naming the field', () => {
    const data = { strokeId: 's1', color: palette[0], width: 0.004, points: [[0.5, 1.5]] };
    const parse = (name: string, value: unknown) =>
      parser.parse({ type: `rushes.plugin.whiteboard.${name}`, atMs: 0, participantId: 'ada', data: value });
    expect(() => parse('stroke-drawn.v1', data)).toThrow(/data\.points\.0\.1/);
    expect(() => parse('stroke-drawn.v1', { ...data, points: [[0, 0]], color: 'red"/><script>' })).toThrow(
      /data\.color/,
    );
    expect(() => parse('stroke-dreamt.v1', {})).toThrow(/stroke-dreamt/);
  });
});
