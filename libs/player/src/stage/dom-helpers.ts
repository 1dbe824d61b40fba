/** Elements are only touched when something changes: the renderer shoots a plate whenever anything is painted anew. */

export function createElement(
  parent: Element | ShadowRoot,
  className: string,
  tagName: 'div' | 'span' | 'img' | 'p' = 'div',
): HTMLElement {
  const element = parent.ownerDocument.createElement(tagName);
  element.className = className;
  parent.append(element);
  return element;
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setStyle(element: HTMLElement, name: string, value: string): void {
  if (element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value);
}

export function setBox(element: HTMLElement, box: { x: number; y: number; width: number; height: number }): void {
  setStyle(element, 'left', `${box.x}px`);
  setStyle(element, 'top', `${box.y}px`);
  setStyle(element, 'width', `${box.width}px`);
  setStyle(element, 'height', `${box.height}px`);
}

/**
 * Makes `parent`'s children one element a key, in order. Elements of keys that stay are kept, and not moved unless
 * their order changed: moving would restart a playing picture.
 */
export class KeyedChildren<View extends { element: HTMLElement }> {
  readonly #views = new Map<string, View>();

  constructor(
    readonly parent: Element,
    readonly create: (key: string) => View,
  ) {}

  update(keys: readonly string[]): View[] {
    const wanted = new Set(keys);
    for (const [key, view] of this.#views) {
      if (wanted.has(key)) continue;
      view.element.remove();
      this.#views.delete(key);
    }
    return keys.map((key) => {
      let view = this.#views.get(key);
      if (!view) {
        view = this.create(key);
        this.#views.set(key, view);
        this.parent.append(view.element);
      }
      return view;
    });
  }

  /** Also puts the elements in the order of `keys`, for those that lie in the flow. */
  updateInOrder(keys: readonly string[]): View[] {
    const views = this.update(keys);
    let previous: Element | null = null;
    for (const view of views) {
      const expected: Element | null = previous === null ? this.parent.firstElementChild : previous.nextElementSibling;
      if (expected !== view.element) this.parent.insertBefore(view.element, expected);
      previous = view.element;
    }
    return views;
  }
}

/** Adds a style sheet to the tree that `node` lives in; works under a CSP without inline styles. Once a tree. */
export function adoptStyles(node: Node, css: string): void {
  const tree = node.getRootNode() as Document | ShadowRoot;
  let adopted = adoptedTexts.get(tree);
  if (!adopted) adoptedTexts.set(tree, (adopted = new Set()));
  if (adopted.has(css)) return;
  adopted.add(css);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  tree.adoptedStyleSheets.push(sheet);
}

const adoptedTexts = new WeakMap<Document | ShadowRoot, Set<string>>();

/** Resolves when the pictures inside `root` are decoded; broken ones count as done. */
export async function whenImagesDecoded(root: ParentNode): Promise<void> {
  await Promise.all(Array.from(root.querySelectorAll('img'), (image) => image.decode().catch(() => undefined)));
}
