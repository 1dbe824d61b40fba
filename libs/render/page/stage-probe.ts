/** The player's `TileGeometry`; libs of Node and of browsers do not import each other, they agree on `RenderPage`. */
type TileGeometry = {
  trackId: string;
  x: number;
  y: number;
  width: number;
  height: number;
  fit: 'cover' | 'contain';
  order: number;
};

/** What this script uses of the player's `RenderPage`. */
type RenderPage = {
  showAt(atMs: number): Promise<{ tiles: TileGeometry[] }>;
  fillTiles(colors: Readonly<Record<string, string>>): void;
};

/** A tile as the renderer needs it: how its picture lies, and why plates cannot show it, if so. */
export type ProbedTile = TileGeometry & {
  /** The picture is shown as in a mirror. */
  mirrored: boolean;
};

export type ProbedStage = {
  tiles: ProbedTile[];
  /** Something moves by itself: the next frame may differ without an event. */
  animating: boolean;
  /** Styles with which a picture cannot be put under a plate; empty when there are none. */
  obstacles: string[];
};

type Probe = {
  step(atMs: number, colors: Record<string, string>): Promise<ProbedStage>;
  look(): ProbedStage;
  fill(colors: Record<string, string>, stamp: number): void;
  /** Shows a number of 24 bits as a colour in the window's last rows: a frame with it has everything that was changed before. */
  stamp(stamp: number): void;
  /** Whether the page has been drawn since the last `step`. */
  hasDrawn(): boolean;
  /** Shows pictures in the tiles instead of flat colours; an empty URL takes them away. */
  inject(urls: Record<string, string>): Promise<void>;
};

const page = window as unknown as { rushesStage: RenderPage; rushesProbe: Probe };

let tiles: TileGeometry[] = [];

const stamped = addStrip('left: 0; right: 0; bottom: 0; height: 2px; background: #000');
/** Never seen, so that it causes no damage; told of its new size as part of drawing a frame. */
const witness = addStrip('left: 0; top: 0; width: 0; height: 1px; visibility: hidden');
let steps = 0;
let drawnStep = 0;
new ResizeObserver(() => (drawnStep = steps)).observe(witness);

page.rushesProbe = {
  async step(atMs, colors) {
    ({ tiles } = await page.rushesStage.showAt(atMs));
    page.rushesStage.fillTiles(colors);
    witness.style.width = `${++steps % 100}px`;
    return look();
  },
  look,
  fill(colors, number) {
    page.rushesStage.fillTiles(colors);
    stamp(number);
  },
  stamp,
  hasDrawn: () => drawnStep === steps,
  inject,
};

function addStrip(css: string): HTMLElement {
  const strip = document.createElement('div');
  strip.style.cssText = `position: fixed; z-index: 2147483647; ${css}`;
  document.documentElement.append(strip);
  return strip;
}

function stamp(number: number): void {
  stamped.style.background = `rgb(${number >> 16}, ${(number >> 8) & 255}, ${number & 255})`;
}

function look(): ProbedStage {
  const documents = stageDocuments(document);
  const elements = tileElements(documents);
  const obstacles = new Set<string>();
  const probed = tiles.map((tile) => {
    const element = elements.get(tile.trackId);
    const matrix = element ? matrixOf(element) : new DOMMatrix();
    if (!isUpright(matrix)) obstacles.add('a tile is rotated, skewed or in 3D');
    return { ...tile, mirrored: matrix.a < 0 };
  });
  if (tiles.length > 0 && documents.some(mayBreakMatting)) {
    for (const element of elements.values()) for (const reason of obstaclesOf(element)) obstacles.add(reason);
  }
  const animating = documents.some((each) =>
    each.getAnimations().some((animation) => animation.playState === 'running'),
  );
  return { tiles: probed, animating, obstacles: [...obstacles] };
}

function stageDocuments(root: Document): Document[] {
  const found = [root];
  for (const frame of root.querySelectorAll('iframe')) {
    if (frame.contentDocument?.documentElement) found.push(...stageDocuments(frame.contentDocument));
  }
  return found;
}

function tileElements(documents: readonly Document[]): Map<string, HTMLElement> {
  const found = new Map<string, HTMLElement>();
  for (const each of documents) {
    for (const element of each.querySelectorAll<HTMLElement>('[data-rushes-track]')) {
      const { rushesTrack } = element.dataset;
      if (rushesTrack !== undefined && !found.has(rushesTrack)) found.set(rushesTrack, element);
    }
  }
  return found;
}

/** All transforms from the element up to its document's root, without translations' origin: only its linear part is used. */
function matrixOf(element: Element): DOMMatrix {
  let matrix = new DOMMatrix();
  for (let each: Element | null = element; each; each = each.parentElement ?? frameOf(each)) {
    const style = getComputedStyle(each);
    if (style.transform !== 'none') matrix = new DOMMatrix(style.transform).multiply(matrix);
    if (style.scale !== 'none') {
      const [x = 1, y = x] = style.scale.split(' ').map(Number);
      matrix = new DOMMatrix().scale(x, y).multiply(matrix);
    }
    if (style.rotate !== 'none' && !/^0(deg|rad|turn)?$/.test(style.rotate))
      matrix = new DOMMatrix([0, 1, -1, 0, 0, 0]).multiply(matrix);
  }
  return matrix;
}

function frameOf(element: Element): Element | null {
  return element.ownerDocument.defaultView?.frameElement ?? null;
}

function isUpright(matrix: DOMMatrix): boolean {
  const { b, c, m13, m14, m23, m24, d } = matrix;
  return [b, c, m13, m14, m23, m24].every((value) => Math.abs(value) < 1e-4) && d > 0;
}

const suspicious = /mix-blend-mode|backdrop-filter|background-blend-mode|filter\s*:|-webkit-box-reflect/;
/** What a document's styles said when they were last this long. */
const known = new WeakMap<Document, { size: string; suspicious: boolean }>();

/** Whether any style rule or attribute names what plates cannot do; most pages have none, and need no closer look. */
function mayBreakMatting(page: Document): boolean {
  const sheets = [...page.styleSheets, ...page.adoptedStyleSheets];
  const size =
    sheets.map((sheet) => ruleCount(sheet)).join() +
    ':' +
    page.querySelectorAll('[style*="filter"],[style*="blend"]').length;
  const before = known.get(page);
  if (before?.size === size) return before.suspicious;
  const found =
    page.querySelector('[style*="filter"],[style*="blend"]') !== null ||
    sheets.some((sheet) => rulesOf(sheet).some((rule) => suspicious.test(rule.cssText)));
  known.set(page, { size, suspicious: found });
  return found;
}

function rulesOf(sheet: CSSStyleSheet): CSSRule[] {
  try {
    return [...sheet.cssRules];
  } catch {
    return [];
  }
}

function ruleCount(sheet: CSSStyleSheet): number {
  try {
    return sheet.cssRules.length;
  } catch {
    return -1;
  }
}

/** Styles on the tile's ancestors (filters) or on what may lie over the tile (blend modes, backdrop filters). */
function* obstaclesOf(tile: HTMLElement): Generator<string> {
  for (let each: Element | null = tile; each; each = each.parentElement ?? frameOf(each)) {
    const style = getComputedStyle(each);
    if (style.filter !== 'none' && !/^(opacity\([^)]*\)|drop-shadow\(.*\))$/.test(style.filter))
      yield 'a filter on a tile';
    if (style.mixBlendMode !== 'normal') yield 'mix-blend-mode on a tile';
  }
  const box = tile.getBoundingClientRect();
  for (const other of tile.ownerDocument.body.querySelectorAll('*')) {
    const style = getComputedStyle(other);
    const blends = style.mixBlendMode !== 'normal';
    const filters = style.backdropFilter !== 'none' && style.backdropFilter !== '';
    if (!blends && !filters) continue;
    const area = other.getBoundingClientRect();
    const apart = area.right <= box.left || area.left >= box.right || area.bottom <= box.top || area.top >= box.bottom;
    if (!apart) yield blends ? 'mix-blend-mode over a tile' : 'backdrop-filter over a tile';
  }
}

async function inject(urls: Record<string, string>): Promise<void> {
  const elements = tileElements(stageDocuments(document));
  for (const [trackId, url] of Object.entries(urls)) {
    const tile = elements.get(trackId);
    // The element that the player fills with colour.
    const element = tile?.querySelector<HTMLElement>('[data-color]') ?? tile;
    if (!element) continue;
    if (url === '') {
      element.style.setProperty('background-image', 'none', 'important');
      continue;
    }
    const picture = new Image();
    picture.src = url;
    await picture.decode();
    const fit = tiles.find((each) => each.trackId === trackId)?.fit ?? 'cover';
    element.style.setProperty('background-image', `url("${picture.src}")`, 'important');
    element.style.setProperty('background-size', fit, 'important');
    element.style.setProperty('background-position', 'center', 'important');
    element.style.setProperty('background-repeat', 'no-repeat', 'important');
  }
}
