import type { TrackId } from '@rushes/timeline';
import type { RgbPicture } from './decode-png.ts';
import { overlapMasks, readWeights, sumWeights } from './matting.ts';
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
/** How often a black shot is repeated that looks like the coded one; it does so for ever where all tiles are hidden. */
const staleTries = 5;

/**
 * Makes the plates: what the stage looks like without its tiles' pictures, with exact alpha.
 *
 * The tiles stand coded red, green and blue. When a frame has damage it is shot once; if nothing changed where tiles are, the
 * rest of the plate is renewed from that shot. Otherwise a second shot with black tiles gives the weights anew.
 */
export class PlateMaker {
  private readonly plate: YuvaPicture;
  private tiles: readonly PlacedTile[] = [];
  private codes: readonly TileCode[] = [];
  private standing: TileFill = {};
  private coded: RgbPicture | undefined;
  private black: RgbPicture | undefined;
  private spare: RgbPicture | undefined;
  private weight: Uint8Array | undefined;
  private masks: readonly (Uint8Array | undefined)[] = [];
  private oddObstacle: readonly string[] = [];
  private look: StageLook = { tiles: [], animating: false, obstacles: [] };

  constructor(
    private readonly page: StagePage,
    private readonly stage: { width: number; height: number },
    private readonly hasPictures: (trackId: TrackId) => boolean,
  ) {
    this.plate = new Uint8Array(yuvaSize(stage.width, stage.height));
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
    const coded = await this.page.shoot(this.spare);
    this.coded = coded;
    // Without tiles the black picture is the coded one.
    this.spare = before === this.black ? undefined : before;
    if (isNew || !before) return this.renewAll(coded);
    const rows = changedRows(before, coded);
    if (!rows) return undefined;
    if (tiles.some(({ box }) => differsIn(before, coded, box))) return this.renewAll(coded);
    this.renewAround(coded, rows);
    return this.picture();
  }

  /** Weights and plate from scratch. */
  private async renewAll(coded: RgbPicture): Promise<StagePicture> {
    const { tiles, codes, page } = this;
    this.weight = undefined;
    this.masks = tiles.map(() => undefined);
    this.oddObstacle = [];
    const { black } = this;
    this.black = coded;
    if (tiles.length > 0) {
      const shots = [coded];
      for (let shot = 1; shot < shotCount(codes); shot++) {
        await page.fill(codedFill(tiles, codes, shot));
        shots.push(await page.shoot());
      }
      await page.fill({});
      this.black = await page.shoot(black === coded ? undefined : black);
      // The frame may still show the tiles as they were (seen on a busy machine: films with tiles in the colour of their code).
      const isStale = () => !tiles.some(({ box }) => differsIn(coded, this.black!, box));
      for (let again = 0; again < staleTries && isStale(); again++) {
        await page.settle();
        this.black = await page.shoot(this.black);
      }
      await page.fill(this.standing);
      await page.settle();
      const { weights, oddPixels } = readWeights(tiles, codes, this.black, shots);
      if (oddPixels > oddPixelLimit) this.oddObstacle = ['a blend that is not the usual one'];
      this.weight = sumWeights(tiles, weights, this.stage);
      const overlapsEarlier = tiles.map((tile, index) =>
        tiles.slice(0, index).some((earlier) => overlap(earlier.box, tile.box)),
      );
      this.masks = overlapMasks(tiles, weights, this.stage, overlapsEarlier);
    }
    writePlate(this.black, this.weight, this.plate);
    return this.picture();
  }

  /** Only what lies around the tiles changed: there a coded shot shows what a black one would. */
  private renewAround(coded: RgbPicture, { fromRow, toRow }: { fromRow: number; toRow: number }): void {
    const black = this.black!;
    const stride = coded.width * 3;
    for (let y = fromRow; y < toRow; y++) {
      const inside = this.tiles
        .filter(({ box }) => y >= box.y0 && y < box.y1)
        .map(({ box }) => [Math.max(0, box.x0), Math.min(coded.width, box.x1)] as const)
        .sort((a, b) => a[0] - b[0]);
      let x = 0;
      for (const [x0, x1] of [...inside, [coded.width, coded.width] as const]) {
        if (x0 > x) black.data.set(coded.data.subarray(y * stride + x * 3, y * stride + x0 * 3), y * stride + x * 3);
        x = Math.max(x, x1);
      }
    }
    writePlate(black, this.weight, this.plate, {
      fromRow: fromRow & ~1,
      toRow: Math.min(this.stage.height, (toRow + 1) & ~1),
    });
  }

  private picture(): StagePicture {
    const obstacles = this.tiles.length === 0 ? [] : [...this.look.obstacles, ...this.oddObstacle];
    return { tiles: this.tiles, plate: this.plate, masks: this.masks, obstacles };
  }
}

function changedRows(before: RgbPicture, after: RgbPicture): { fromRow: number; toRow: number } | undefined {
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
  const { width, height } = after;
  const x0 = Math.max(0, box.x0) * 3;
  const x1 = Math.min(width, box.x1) * 3;
  for (let y = Math.max(0, box.y0); y < Math.min(height, box.y1); y++) {
    if (compareBytes(before.data, after.data, y * width * 3 + x0, y * width * 3 + x1) !== 0) return true;
  }
  return false;
}

function compareBytes(a: Uint8Array, b: Uint8Array, from: number, to: number): number {
  return Buffer.compare(a.subarray(from, to), b.subarray(from, to));
}
