import type { DerivedMedia, PictureSize } from './derive-track.ts';

/** The sizes that a track's pictures have, in order, each once. */
export class SizeList {
  private readonly sizes = new Map<string, PictureSize>();

  note({ width, height }: PictureSize): void {
    this.sizes.set(`${width}x${height}`, { width, height });
  }

  clear(): void {
    this.sizes.clear();
  }

  /** As a file's description has them. */
  list(): Pick<DerivedMedia, 'width' | 'height' | 'otherSizes'> {
    const [first, ...others] = this.sizes.values();
    return { ...first, ...(others.length > 0 ? { otherSizes: others } : {}) };
  }
}
