import type { JSX, TargetedPointerEvent } from 'preact';
import { useRef, useState } from 'preact/hooks';
import {
  boardOf,
  boardSize,
  palette,
  strokePath,
  strokeWidth,
  type PaletteColor,
  type Point,
} from '@rushes/whiteboard';
import type { Meeting } from '../meeting/meeting.ts';
import type { MeetingView } from '../meeting/meeting-view.ts';
import { Icon } from './icons.tsx';
import { Pen } from './pen.ts';

const colorNames: Record<PaletteColor, string> = {
  '#1d2433': 'black',
  '#d6336c': 'pink',
  '#e8590c': 'orange',
  '#2b8a3e': 'green',
  '#1971c2': 'blue',
  '#7048e8': 'violet',
};
const widths = [
  { width: 0.003, name: 'thin' },
  { width: 0.007, name: 'thick' },
];

/** The shared board: everybody's strokes, live, and a pen of one's own. */
export function Whiteboard({ meeting, view }: { meeting: Meeting; view: MeetingView }): JSX.Element {
  const [color, setColor] = useState<PaletteColor>(palette[4]);
  const [width, setWidth] = useState(widths[0]!.width);
  const [tail, setTail] = useState<Point[]>([]);
  const pen = useRef<Pen>(null);
  const board = boardOf(view.room);
  const isMine = board.strokes.some((stroke) => stroke.participantId === view.me?.participantId);

  const down = (event: TargetedPointerEvent<SVGSVGElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    pen.current = new Pen(meeting, { color, width }, setTail, placeOf(event));
  };
  const move = (event: TargetedPointerEvent<SVGSVGElement>) => pen.current?.moveTo(placeOf(event));
  const up = () => {
    pen.current?.lift();
    pen.current = null;
  };
  return (
    <section class="board" aria-label="Whiteboard" data-testid="whiteboard">
      <div class="board-tools" role="toolbar" aria-label="Whiteboard tools">
        {palette.map((one) => (
          <button
            key={one}
            type="button"
            class="swatch"
            style={{ '--swatch': one }}
            aria-label={`Draw in ${colorNames[one]}`}
            aria-pressed={one === color}
            onClick={() => setColor(one)}
          />
        ))}
        {widths.map((one) => (
          <button
            key={one.name}
            type="button"
            class={`nib nib-${one.name}`}
            aria-label={`Draw ${one.name} lines`}
            aria-pressed={one.width === width}
            onClick={() => setWidth(one.width)}
          />
        ))}
        <span class="spacer" />
        <button
          type="button"
          class="tool"
          disabled={!isMine}
          data-testid="board-undo"
          aria-label="Take back my last stroke"
          onClick={() => void meeting.whiteboard('stroke-undone.v1', {})}
        >
          <Icon name="undo" />
        </button>
        <button
          type="button"
          class="tool"
          disabled={board.strokes.length === 0}
          data-testid="board-clear"
          aria-label="Clear the board"
          onClick={() => void meeting.whiteboard('board-cleared.v1', {})}
        >
          <Icon name="trash" />
        </button>
        <button
          type="button"
          class="tool"
          aria-label="Close the whiteboard"
          onClick={() => meeting.setWhiteboard(false)}
        >
          <Icon name="close" />
        </button>
      </div>
      <div class="board-frame">
        <svg
          class="board-surface"
          viewBox={`0 0 ${boardSize.width} ${boardSize.height}`}
          role="img"
          aria-label={`Whiteboard with ${board.strokes.length} strokes; draw with pointer or finger`}
          data-testid="board-surface"
          onPointerDown={down}
          onPointerMove={move}
          onPointerUp={up}
          onPointerCancel={up}
        >
          {board.strokes.map((stroke) => (
            <Line key={stroke.strokeId} color={stroke.color} width={stroke.width} points={stroke.points} />
          ))}
          {tail.length > 0 && <Line color={color} width={width} points={tail} />}
        </svg>
      </div>
    </section>
  );
}

function Line({ color, width, points }: { color: PaletteColor; width: number; points: readonly Point[] }): JSX.Element {
  return <path class="stroke" d={strokePath(points)} stroke={color} stroke-width={strokeWidth({ width })} />;
}

/** Where a pointer is, in the board's units. */
function placeOf(event: TargetedPointerEvent<SVGSVGElement>): Point {
  const box = event.currentTarget.getBoundingClientRect();
  const unit = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
  return [unit((event.clientX - box.left) / box.width), unit((event.clientY - box.top) / box.height)];
}
