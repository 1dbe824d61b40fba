import type { Layout } from '../../types.ts';
import type { StageSize } from '../layer.ts';

export type Rect = { x: number; y: number; width: number; height: number };

export type RoomGeometry = {
  /** How much larger than at 1280 × 720 text and spacing are. */
  unit: number;
  /** One rectangle a tile, in the order given; whole pixels. Cameras are 16:9. */
  tiles: Rect[];
  /** Column of chat, poll and boards; null when the stage is too narrow for one. */
  panel: Rect | null;
  /** Where captions go: the bottom of the large tile, or of the pictures' area. */
  captions: Rect;
};

const designSize = { width: 1280, height: 720 };
const pictureAspect = 16 / 9;

/**
 * Places `tileCount` tiles. `hasMain` gives the first tile most of the room and puts the others in a strip: a shared
 * screen in either layout, the speaker in the speaker layout.
 */
export function roomGeometry(options: {
  size: StageSize;
  layout: Layout;
  tileCount: number;
  hasScreen: boolean;
}): RoomGeometry {
  const { size, tileCount } = options;
  const unit = Math.min(4, Math.max(0.5, Math.min(size.width / designSize.width, size.height / designSize.height)));
  const gap = Math.max(4, Math.round(14 * unit));
  const hasPanel = size.width >= 560 && size.width > size.height;
  const panelWidth = hasPanel ? Math.round(296 * unit) : 0;
  const panel = hasPanel
    ? { x: size.width - panelWidth - gap, y: gap, width: panelWidth, height: size.height - 2 * gap }
    : null;
  const area: Rect = {
    x: gap,
    y: gap,
    width: size.width - 2 * gap - (panel ? panelWidth + gap : 0),
    height: size.height - 2 * gap,
  };
  const hasMain = tileCount > 1 && (options.layout === 'speaker' || options.hasScreen);
  const tiles = hasMain ? mainAndStrip(area, tileCount, gap) : grid(area, tileCount, gap);
  const captionHeight = Math.round(120 * unit);
  // Over the large tile, not over the names in the strip.
  const captionBottom = hasMain && tiles[0] ? tiles[0].y + tiles[0].height : area.y + area.height;
  const captions = { x: area.x, y: captionBottom - captionHeight, width: area.width, height: captionHeight };
  return { unit, tiles, panel, captions };
}

/** Equal 16:9 tiles, as large as fit, rows centred. */
function grid(area: Rect, count: number, gap: number): Rect[] {
  if (count === 0) return [];
  let best = { columns: 1, width: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const byWidth = (area.width - gap * (columns - 1)) / columns;
    const byHeight = ((area.height - gap * (rows - 1)) / rows) * pictureAspect;
    const width = Math.min(byWidth, byHeight);
    if (width > best.width) best = { columns, width };
  }
  const { columns } = best;
  const rows = Math.ceil(count / columns);
  const { width, height } = wholePicture(best.width);
  const top = area.y + Math.floor((area.height - rows * height - (rows - 1) * gap) / 2);
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = row === rows - 1 ? count - columns * (rows - 1) : columns;
    const left = area.x + Math.floor((area.width - inRow * width - (inRow - 1) * gap) / 2);
    return { x: left + (index % columns) * (width + gap), y: top + row * (height + gap), width, height };
  });
}

/** The first tile large, the others in one row below it. */
function mainAndStrip(area: Rect, count: number, gap: number): Rect[] {
  const others = count - 1;
  const stripWidth = Math.min((area.width - gap * (others - 1)) / others, area.height * 0.22 * pictureAspect);
  const small = wholePicture(stripWidth);
  const main = wholePicture(Math.min(area.width, (area.height - small.height - gap) * pictureAspect));
  const top = area.y + Math.floor((area.height - main.height - gap - small.height) / 2);
  const left = area.x + Math.floor((area.width - others * small.width - (others - 1) * gap) / 2);
  return [
    { x: area.x + Math.floor((area.width - main.width) / 2), y: top, ...main },
    ...Array.from({ length: others }, (_, index) => ({
      x: left + index * (small.width + gap),
      y: top + main.height + gap,
      ...small,
    })),
  ];
}

/** The largest even-sized 16:9 picture not wider than `width`: even, so that 4:2:0 video needs no half pixels. */
function wholePicture(width: number): { width: number; height: number } {
  const height = Math.max(2, Math.floor(width / pictureAspect / 2) * 2);
  return { width: Math.max(2, Math.floor((height * pictureAspect) / 2) * 2), height };
}
