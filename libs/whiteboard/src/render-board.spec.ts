import { describe, expect, it } from 'vitest';
import { palette, type Board, type PaletteColor } from './board.ts';
import { renderBoard, strokePath } from './render-board.ts';

const stroke = { strokeId: 's1', participantId: 'ada', color: palette[4], width: 0.005 };

describe('renderBoard', () => {
  it('draws in a fixed viewBox, so that it scales to any stage', () => {
    const svg = renderBoard({
      strokes: [
        {
          ...stroke,
          points: [
            [0, 0],
            [1, 1],
          ],
        },
      ],
    });
    expect(svg).toContain('viewBox="0 0 1600 900"');
    expect(svg).toContain('M0 0Q0 0 800 450L1600 900');
    expect(svg).toContain('stroke-width="8"');
  });

  it('shows a single point as a dot', () => {
    expect(strokePath([[0.5, 0.5]])).toBe('M800 450L800 450');
  });

  it('escapes whatever a damaged snapshot holds', () => {
    const hostile = { ...stroke, color: '"/><script>alert(1)</script>' as PaletteColor, points: [[Number.NaN, 0]] };
    const svg = renderBoard({ strokes: [hostile] } as unknown as Board);
    expect(svg).not.toContain('<script>');
    expect(svg).not.toContain('NaN');
  });
});
