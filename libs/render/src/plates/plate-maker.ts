import type { TrackId } from '@rushes/timeline';
import type { RgbPicture } from './decode-png.ts';
import { boxRows, KnownLooks, pasteBlack } from './known-looks.ts';
import { addWeights, overlapMasks, readWeights, setWeights } from './matting.ts';
import { isSamePlacing, overlap, placeTiles } from './placed-tile.ts';
import type { Box, PlacedTile } from './placed-tile.ts';
import type { StageLook, StagePage, TileFill } from './stage-page.ts';
import { assignCodes, codedFill, shotCount } from './tile-codes.ts';
import type { TileCode } from './tile-codes.ts';
import { writePlate, yuvaSize } from './to-yuva.ts';
import type { YuvaPicture } from './to-yuva.ts';

/** What the stage shows from one frame on. The pictures are the maker's own: they change with the next call. */
export type StagePicture = {
  tiles: readonly PlacedTile[];
  plate: YuvaPicture;
  /** For tiles that lie over earlier ones: the alpha of their picture, of the box's size. */
  masks: readonly (Uint8Array | undefined)[];
  /** Why the pictures cannot be put under the plate; empty when they can. */
  obstacles: readonly string[];
};

/** More odd pixels than this on a stage, and the page does something that no style told of. */
const oddPixelLimit = 200;

type Rows = { fromRow: number; toRow: number };

/**
 * Makes the plates: what the stage looks like without its tiles' pictures, with exact alpha.
 *
 * The tiles stand coded red, green and blue. When a frame has damage it is shot once; if nothing changed where tiles are, or they
 * look as they have before, the rest of the plate is renewed from that shot. Otherwise a second shot with black tiles gives the weights.
 */
export class PlateMaker {
  private readonly plate: YuvaPicture;
  private readonly black: RgbPicture;
  private readonly weight: Uint8Array;
  private readonly known = new KnownLooks();
  private tiles: readonly PlacedTile[] = [];
  private codes: readonly TileCode[] = [];
  private standing: TileFill = {};
  private coded: RgbPicture | undefined;
  private spare: RgbPicture | undefined;
  private masks: readonly (Uint8Array | undefined)[] = [];
  private oddObstacle: readonly string[] = [];
  private look: StageLook = { tiles: [], animating: false, obstacles: [] };

  constructor(
    private readonly page: StagePage,
    private readonly stage: { width: number; height: number },
    private readonly hasPictures: (trackId: TrackId) => boolean,
  ) {
    const { width, height } = stage;
    this.plate = new Uint8Array(yuvaSize(width, height));
    this.black = { width, height, data: new Uint8Array(width * height * 3) };
    this.weight = new Uint8Array(width * height);
  }

  /** Something moves by itself: the next frame has to be looked at too. */
  get isAnimating(): boolean {
    return this.look.animating;
  }

  /** The tiles as they lie now. */
  get placedTiles(): readonly PlacedTile[] {
    return this.tiles;
  }

  /** Puts the codes back after somebody else filled the tiles. */
  async refill(): Promise<void> {
    await this.page.fill(this.standing);
    await this.page.settle();
  }

  /** Forgets what stands, so that the next picture is complete. */
  restart(): void {
    this.coded = undefined;
  }

  /**
   * Shows the stage at `atMs` and reads what changed.
   * @param drawMs the frame's instant on the browser's clock, rising
   * @returns undefined when the frame looks like the one before.
   */
  async show(atMs: number, drawMs: number): Promise<StagePicture | undefined> {
    const obstaclesBefore = this.look.obstacles.join();
    this.look = await this.page.step(atMs, this.standing);
    return this.read(drawMs, obstaclesBefore);
  }

  /** Like {@link show} for a frame without an event, in which only animations move. */
  async animate(drawMs: number): Promise<StagePicture | undefined> {
    const obstaclesBefore = this.look.obstacles.join();
    const hasDamage = await this.page.draw(drawMs);
    this.look = await this.page.look();
    if (!hasDamage) return undefined;
    return this.read(drawMs, obstaclesBefore, true);
  }

  private async read(drawMs: number, obstaclesBefore: string, isDrawn = false): Promise<StagePicture | undefined> {
    const tiles = placeTiles(this.look.tiles, this.stage, this.hasPictures);
    let isNew = this.coded === undefined || obstaclesBefore !== this.look.obstacles.join();
    if (!isSamePlacing(tiles, this.tiles)) {
      this.codes = assignCodes(tiles);
      this.standing = codedFill(tiles, this.codes, 0);
      await this.page.fill(this.standing);
      isNew = true;
    }
    this.tiles = tiles;
    if (!(isDrawn && !isNew)) {
      const hasDamage = await this.page.draw(drawMs);
      if (!hasDamage && !isNew) return undefined;
    }
    const before = this.coded;
    const coded = await this.page.shoot({ spare: this.spare });
    this.coded = coded;
    this.spare = before;
    return this.renew(coded, isNew ? undefined : before);
  }

  /** @param before the shot that the plate was made from; undefined when nothing of the plate holds any more */
  private async renew(coded: RgbPicture, before: RgbPicture | undefined): Promise<StagePicture | undefined> {
    const { tiles, stage, weight, known } = this;
    const rows = before ? changedRows(before, coded) : { fromRow: 0, toRow: stage.height };
    if (!rows) return undefined;
    const changed = before ? tiles.filter(({ box }) => differsIn(before, coded, box)) : tiles;
    const isOdd = this.look.obstacles.length > 0 || (before !== undefined && this.oddObstacle.length > 0);
    const overlapsEarlier = tiles.map(({ box }, index) =>
      tiles.slice(0, index).some((earlier) => overlap(earlier.box, box)),
    );
    const isSeparate = !isOdd && !overlapsEarlier.includes(true);
    if (!before) {
      weight.fill(0);
      this.masks = tiles.map(() => undefined);
      this.oddObstacle = [];
    }
    copyAround(coded, this.black, tiles, rows);
    const looks = isSeparate ? changed.map((tile) => known.find(tile, coded)) : [];
    if (isSeparate && looks.every((look) => look !== undefined)) {
      for (const [index, tile] of changed.entries()) {
        pasteBlack(looks[index]!, tile.box, this.black);
        setWeights(weight, tile, looks[index]!.weights, stage);
      }
    } else if (changed.length > 0) {
      await this.readTiles(coded, isSeparate ? changed : tiles, isSeparate, overlapsEarlier);
    }
    writePlate(this.black, tiles.length > 0 ? weight : undefined, this.plate, evenRows(rows));
    return this.picture();
  }

  /** Weights of the tiles, and what lies in and over them, from shots with other colours in them. */
  private async readTiles(
    coded: RgbPicture,
    changed: readonly PlacedTile[],
    isSeparate: boolean,
    overlapsEarlier: readonly boolean[],
  ): Promise<void> {
    const { tiles, codes, page, stage, weight, known } = this;
    const shots = [coded];
    for (let shot = 1; shot < shotCount(codes); shot++) {
      shots.push(await page.shoot({ fill: codedFill(tiles, codes, shot) }));
    }
    const black = await page.shoot({ fill: {}, spare: this.spare });
    this.spare = black;
    await this.refill();
    const changedCodes = codes.filter((_, index) => changed.includes(tiles[index]!));
    const { weights, oddPixels } = readWeights(changed, changedCodes, black, shots);
    this.oddObstacle = oddPixels > oddPixelLimit ? ['a blend that is not the usual one'] : [];
    for (const { box } of changed) {
      for (const [at, end] of boxRows(black, box)) this.black.data.set(black.data.subarray(at, end), at);
    }
    if (isSeparate) {
      for (const [index, tile] of changed.entries()) {
        setWeights(weight, tile, weights[index]!, stage);
        if (oddPixels <= oddPixelLimit) known.remember(tile, coded, black, weights[index]!);
      }
      return;
    }
    weight.fill(0);
    addWeights(weight, tiles, weights, stage);
    this.masks = overlapMasks(tiles, weights, stage, overlapsEarlier);
  }

  private picture(): StagePicture {
    const obstacles = this.tiles.length === 0 ? [] : [...this.look.obstacles, ...this.oddObstacle];
    return { tiles: this.tiles, plate: this.plate, masks: this.masks, obstacles };
  }
}

/** Copies what lies around the tiles: there a coded shot shows what a black one would. */
function copyAround(
  coded: RgbPicture,
  black: RgbPicture,
  tiles: readonly PlacedTile[],
  { fromRow, toRow }: Rows,
): void {
  const stride = coded.width * 3;
  for (let y = fromRow; y < toRow; y++) {
    const inside = tiles
      .filter(({ box }) => y >= box.y0 && y < box.y1)
      .map(({ box }) => [Math.max(0, box.x0), Math.min(coded.width, box.x1)] as const)
      .sort((a, b) => a[0] - b[0]);
    let x = 0;
    for (const [x0, x1] of [...inside, [coded.width, coded.width] as const]) {
      if (x0 > x) black.data.set(coded.data.subarray(y * stride + x * 3, y * stride + x0 * 3), y * stride + x * 3);
      x = Math.max(x, x1);
    }
  }
}

function evenRows({ fromRow, toRow }: Rows): Rows {
  return { fromRow: fromRow & ~1, toRow: (toRow + 1) & ~1 };
}

function changedRows(before: RgbPicture, after: RgbPicture): Rows | undefined {
  const stride = after.width * 3;
  const differs = (y: number) => compareBytes(before.data, after.data, y * stride, (y + 1) * stride) !== 0;
  let fromRow = 0;
  while (fromRow < after.height && !differs(fromRow)) fromRow++;
  if (fromRow === after.height) return undefined;
  let toRow = after.height;
  while (!differs(toRow - 1)) toRow--;
  return { fromRow, toRow };
}

function differsIn(before: RgbPicture, after: RgbPicture, box: Box): boolean {
  for (const [at, end] of boxRows(after, box)) if (compareBytes(before.data, after.data, at, end) !== 0) return true;
  return false;
}

function compareBytes(a: Uint8Array, b: Uint8Array, from: number, to: number): number {
  return Buffer.compare(a.subarray(from, to), b.subarray(from, to));
}
