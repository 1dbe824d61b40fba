/** Elements of one document, lowest first: where two overlap, as the browser paints them; else in document order. */
export function inPaintOrder<T>(items: readonly T[], elementOf: (item: T) => Element): T[] {
  const remaining = [...items];
  const ordered: T[] = [];
  while (remaining.length > 0) {
    const lowest = remaining.findIndex((item) =>
      remaining.every((other) => other === item || !isAbove(elementOf(item), elementOf(other))),
    );
    ordered.push(...remaining.splice(Math.max(0, lowest), 1));
  }
  return ordered;
}

/** Whether the two overlap in view and `a` is painted over `b`. */
function isAbove(a: Element, b: Element): boolean {
  const rectA = a.getBoundingClientRect();
  const rectB = b.getBoundingClientRect();
  const left = Math.max(rectA.left, rectB.left);
  const right = Math.min(rectA.right, rectB.right);
  const top = Math.max(rectA.top, rectB.top);
  const bottom = Math.min(rectA.bottom, rectB.bottom);
  if (right - left < 1 || bottom - top < 1) return false;
  const stack = a.ownerDocument.elementsFromPoint((left + right) / 2, (top + bottom) / 2);
  const depthOf = (element: Element) => stack.findIndex((hit) => element === hit || element.contains(hit));
  const depthA = depthOf(a);
  const depthB = depthOf(b);
  return depthA !== -1 && depthB !== -1 && depthA < depthB;
}
