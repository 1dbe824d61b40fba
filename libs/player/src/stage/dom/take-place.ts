type NodeMirror = { getId(node: Node): number; replace(id: number, node: Node): void };

/** Puts `own` where `recorded` is, with its attributes, so that later mutations reach it. */
export function takePlace(own: HTMLElement, recorded: HTMLElement, mirror: NodeMirror): void {
  for (const name of own.getAttributeNames()) {
    if (name !== 'src' && !recorded.hasAttribute(name)) own.removeAttribute(name);
  }
  for (const { name, value } of recorded.attributes) {
    if (own.getAttribute(name) !== value) own.setAttribute(name, value);
  }
  recorded.replaceWith(own);
  const id = mirror.getId(recorded);
  if (id >= 0) mirror.replace(id, own);
}
