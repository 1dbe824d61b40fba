import {
  isRecord,
  recordsOf,
  rootsOf,
  rrwebNodeTypes,
  rrwebSources,
  rrwebTypes,
  visitNodes,
  type RrwebEvent,
  type RrwebNode,
} from '@rushes/timeline';
import { sanitiseAttributes } from './sanitise-attributes.ts';
import { sanitiseCss } from './sanitise-css.ts';

/** Never shown, never run: `<template>` keeps children out of sight whatever is added to it later. */
const inertTag = 'template';
const scriptTags = new Set(['script', 'base', 'noembed', 'portal', 'fencedframe']);
/** Other documents and plug-ins: an empty box in their place. */
const boxTags = new Set(['iframe', 'frame', 'frameset', 'object', 'embed', 'applet', 'param', 'webview']);
/** No ":": `svg:script` would be a script. Custom elements are allowed: nothing defines them in a replay. */
const tagPattern = /^[A-Za-z][\w.-]*$/;

const shownTypes: ReadonlySet<number> = new Set([
  rrwebTypes.fullSnapshot,
  rrwebTypes.incremental,
  rrwebTypes.meta,
  rrwebTypes.custom,
]);

/**
 * Makes a recorded DOM event harmless, in place: scripts, event attributes, script URLs, `<base>`, `<meta http-equiv>`, frames and
 * plug-ins lose their effect, and nothing refers outside the recording. Nodes stay where they are with their ids, so that
 * later mutations still find them.
 *
 * Returns how much was taken out, and `isEmpty` when nothing is left that a replay may apply.
 */
export function sanitiseDomEvent(event: RrwebEvent): { removed: number; isEmpty: boolean } {
  if (!shownTypes.has(event.type)) return { removed: 1, isEmpty: true };
  const roots = rootsOf(event);
  const isSnapshot = event.type === rrwebTypes.fullSnapshot;
  let removed = 0;
  visitNodes(roots, (node) => {
    const isDocument = isSnapshot && roots.includes(node);
    removed += sanitiseNode(node, isDocument);
  });
  if (event.type === rrwebTypes.meta) removed += sanitiseMeta(event);
  if (event.type === rrwebTypes.incremental && isRecord(event.data)) {
    if (isRefusedIncrement(event.data)) return { removed: removed + 1, isEmpty: true };
    removed += sanitiseIncrement(event.data);
  }
  return { removed, isEmpty: false };
}

function sanitiseNode(node: RrwebNode, mayBeDocument: boolean): number {
  if (node.type === rrwebNodeTypes.document && !mayBeDocument) {
    // A frame's document: an empty comment keeps its id.
    Object.assign(node, { type: rrwebNodeTypes.comment, textContent: '', childNodes: [] });
    return 1;
  }
  if (node.type !== rrwebNodeTypes.element) return 0;
  const attributes = isRecord(node.attributes) ? node.attributes : {};
  node.attributes = attributes;
  const tag = typeof node.tagName === 'string' ? node.tagName.toLowerCase() : '';
  let removed = 0;
  if (
    !tagPattern.test(tag) ||
    scriptTags.has(tag) ||
    isRedefiningMeta(tag, attributes) ||
    isLoadingLink(tag, attributes)
  ) {
    replaceElement(node, inertTag, {});
    return 1;
  }
  if (boxTags.has(tag)) {
    const { class: className, style, rr_width, rr_height } = attributes;
    replaceElement(node, 'div', definedOnly({ class: className, style, rr_width, rr_height }));
    removed++;
  }
  delete node.isCustom;
  if (tag === 'style') removed += sanitiseStyleText(node);
  return removed + sanitiseAttributes(node.attributes);
}

function replaceElement(node: RrwebNode, tagName: string, attributes: Record<string, unknown>): void {
  Object.assign(node, { tagName, attributes, childNodes: [] });
  delete node.isSVG;
}

function isRedefiningMeta(tag: string, attributes: Record<string, unknown>): boolean {
  return tag === 'meta' && Object.keys(attributes).some((name) => name.toLowerCase() === 'http-equiv');
}

/** rrweb makes a `<style>` of a link whose rules it has; any other link asks somebody for something. */
function isLoadingLink(tag: string, attributes: Record<string, unknown>): boolean {
  return tag === 'link' && typeof attributes._cssText !== 'string';
}

function sanitiseStyleText(node: RrwebNode): number {
  let removed = 0;
  for (const child of recordsOf(node.childNodes)) {
    if (typeof child.textContent !== 'string') continue;
    const css = sanitiseCss(child.textContent);
    if (css !== child.textContent) removed++;
    child.textContent = css;
  }
  return removed;
}

function sanitiseMeta(event: RrwebEvent): number {
  const { href, width, height } = isRecord(event.data) ? event.data : {};
  const isPage = typeof href === 'string' && /^https?:\/\//i.test(href);
  event.data = { href: isPage ? href.slice(0, 2000) : '', width: side(width, 1280), height: side(height, 720) };
  return isPage ? 0 : 1;
}

function side(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value >= 1 && value <= 16_384 ? Math.round(value) : otherwise;
}

/** A canvas replays by calling methods by name, a font by loading it. */
function isRefusedIncrement(data: Record<string, unknown>): boolean {
  return data.source === rrwebSources.canvasMutation || data.source === rrwebSources.font;
}

function sanitiseIncrement(data: Record<string, unknown>): number {
  let removed = 0;
  for (const change of recordsOf(data.attributes)) {
    if (isRecord(change.attributes)) removed += sanitiseAttributes(change.attributes);
  }
  if (data.source === rrwebSources.styleSheetRule) {
    for (const add of recordsOf(data.adds)) cssProperty(add, 'rule');
    cssProperty(data, 'replace');
    cssProperty(data, 'replaceSync');
  }
  if (data.source === rrwebSources.styleDeclaration && isRecord(data.set)) cssProperty(data.set, 'value');
  if (data.source === rrwebSources.adoptedStyleSheet) {
    for (const style of recordsOf(data.styles)) {
      for (const rule of recordsOf(style.rules)) cssProperty(rule, 'rule');
    }
  }
  return removed;
}

function cssProperty(owner: Record<string, unknown>, name: string): void {
  if (typeof owner[name] === 'string') owner[name] = sanitiseCss(owner[name]);
}

function definedOnly(attributes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
