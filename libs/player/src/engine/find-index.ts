/** Index of the last item whose time is at or before `atMs`, or −1. Items are ordered by that time. */
export function lastIndexAtOrBefore<T>(items: readonly T[], atMs: number, timeOf: (item: T) => number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeOf(items[middle]!) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
