import {
  isRecord,
  recordsOf,
  rootsOf,
  rrwebNodeTypes,
  rrwebSources,
  rrwebTypes,
  visitNodes,
  type RrwebAttributes,
  type RrwebEvent,
  type RrwebNode,
} from '@rushes/timeline';
import type { NodeMirror } from './tiles.ts';

/** A place in an event that names something outside: one URL, a CSS text with `url(…)`, or a stylesheet's address. */
export type AssetSlot =
  | { kind: 'url'; value: string; set(value: string): void }
  | { kind: 'css'; value: string; set(value: string): void }
  | { kind: 'stylesheet'; value: string; set(cssText: string): void };

const imageTags = new Set(['img', 'input', 'image', 'feimage']);

/** Where `event` refers to images, fonts and stylesheets. Drops `srcset` and `sizes`: the picture shown stands in `src`. */
export function assetSlots(event: RrwebEvent, mirror: NodeMirror): AssetSlot[] {
  const slots: AssetSlot[] = [];
  visitNodes(rootsOf(event), (node) => {
    if (node.type === rrwebNodeTypes.element && isRecord(node.attributes))
      nodeSlots(node, node.attributes, mirror, slots);
  });
  if (event.type === rrwebTypes.incremental && isRecord(event.data)) incrementSlots(event.data, mirror, slots);
  return slots;
}

function nodeSlots(node: RrwebNode, attributes: RrwebAttributes, mirror: NodeMirror, slots: AssetSlot[]): void {
  const tag = (node.tagName ?? '').toLowerCase();
  if (tag === 'link' && typeof attributes.href === 'string' && attributes._cssText === undefined) {
    if (/\bstylesheet\b/i.test(text(attributes.rel))) {
      slots.push({
        kind: 'stylesheet',
        value: attributes.href,
        set(cssText) {
          delete attributes.rel;
          delete attributes.href;
          attributes._cssText = cssText;
        },
      });
    }
    return;
  }
  const live = node.id === undefined ? null : mirror.getNode(node.id);
  attributeSlots(tag, attributes, live, slots);
}

function attributeSlots(tag: string, attributes: RrwebAttributes, live: Node | null, slots: AssetSlot[]): void {
  if (tag === 'img' || tag === 'source') {
    const shown = live instanceof HTMLImageElement && live.currentSrc !== '' ? live.currentSrc : undefined;
    const isResponsive = attributes.srcset !== undefined || attributes.sizes !== undefined;
    if (isResponsive && shown !== undefined) attributes.src = shown;
    delete attributes.srcset;
    delete attributes.sizes;
  }
  if (imageTags.has(tag)) {
    for (const name of ['src', 'href', 'xlink:href']) property(attributes, name, 'url', slots);
  }
  property(attributes, 'style', 'css', slots);
  property(attributes, '_cssText', 'css', slots);
  if (isRecord(attributes.style)) {
    for (const name of Object.keys(attributes.style)) styleValue(attributes.style, name, slots);
  }
}

function incrementSlots(data: Record<string, unknown>, mirror: NodeMirror, slots: AssetSlot[]): void {
  for (const change of recordsOf(data.attributes)) {
    const live = mirror.getNode(Number(change.id));
    const tag = live instanceof Element ? live.localName.toLowerCase() : '';
    if (isRecord(change.attributes)) attributeSlots(tag, change.attributes, live, slots);
  }
  for (const change of recordsOf(data.texts)) {
    const parent = mirror.getNode(Number(change.id))?.parentElement;
    if (parent?.localName === 'style') property(change, 'value', 'css', slots);
  }
  if (data.source === rrwebSources.styleSheetRule) {
    for (const add of recordsOf(data.adds)) property(add, 'rule', 'css', slots);
    property(data, 'replace', 'css', slots);
    property(data, 'replaceSync', 'css', slots);
  }
  if (data.source === rrwebSources.styleDeclaration && isRecord(data.set)) property(data.set, 'value', 'css', slots);
  if (data.source === rrwebSources.adoptedStyleSheet) {
    for (const style of recordsOf(data.styles)) {
      for (const rule of recordsOf(style.rules)) property(rule, 'rule', 'css', slots);
    }
  }
}

/** rrweb writes a changed style property as its value, or as `[value, priority]`. */
function styleValue(style: Record<string, unknown>, name: string, slots: AssetSlot[]): void {
  const value = style[name];
  if (Array.isArray(value)) property(value as unknown as Record<string, unknown>, '0', 'css', slots);
  else property(style, name, 'css', slots);
}

function property(owner: Record<string, unknown>, name: string, kind: 'url' | 'css', slots: AssetSlot[]): void {
  const value = owner[name];
  if (typeof value !== 'string' || value === '') return;
  if (kind === 'css' && !value.includes('url(')) return;
  slots.push({ kind, value, set: (changed) => (owner[name] = changed) });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
