import type { RrwebEvent } from '@rushes/timeline';
import { rrwebSource, rrwebType, type SerializedNode } from './serialized-node.ts';

/** Elements that run, load or embed something by being there. They stay as empty boxes, so that ids keep their meaning. */
const inertTags = new Set([
  'script',
  'base',
  'meta',
  'link',
  'animate',
  'animatemotion',
  'animatetransform',
  'set',
  'portal',
]);
const boxTags = new Set(['iframe', 'frame', 'object', 'embed', 'applet', 'fencedframe', 'source', 'track']);
/** They stay what they are, as a page's rules place them, but never play anything of their own. */
const mediaTags = new Set(['video', 'audio']);
const droppedAttributes = new Set([
  'srcdoc',
  'ping',
  'action',
  'formaction',
  'background',
  'autofocus',
  'autoplay',
  'controls',
  'manifest',
  'http-equiv',
  'is',
  'nonce',
  'profile',
  'codebase',
  'archive',
  'longdesc',
  'cite',
  'imagesrcset',
  'attributionsrc',
]);
const resourceAttributes = new Set(['src', 'srcset', 'poster', 'data', 'lowsrc', 'dynsrc']);
const linkTags = new Set(['a', 'area']);
const ownAsset = /^assets\/[0-9a-f]{64}$/;

/**
 * Makes recorded events safe to build into a document: what would run, navigate, embed or load from elsewhere is taken
 * out, whatever the ingest did. The sandbox and the CSP stand behind this; it keeps even DNS look-ups from happening.
 * One instance reads one chunk in order, as it must know each id's element.
 */
export class Neutraliser {
  readonly #tagById = new Map<number, string>();

  /** `assetUrl` gives the URL of one of the recording's own objects, by relative key. */
  constructor(readonly assetUrl: (key: string) => string) {}

  /** A safe copy, or undefined when nothing of the event is left. */
  neutralise(event: RrwebEvent): RrwebEvent | undefined {
    if (event.type === rrwebType.meta) return event;
    const data = event.data as Record<string, unknown>;
    if (event.type === rrwebType.fullSnapshot)
      return { ...event, data: { ...data, node: this.#node(data.node as SerializedNode) } };
    if (event.type !== rrwebType.incremental) return undefined;
    switch (data.source) {
      case rrwebSource.mutation:
        return { ...event, data: this.#mutation(data) };
      case rrwebSource.mediaInteraction:
      case rrwebSource.canvasMutation:
        return undefined;
      case rrwebSource.font:
        return data.buffer === true ? event : undefined;
      case rrwebSource.styleSheetRule:
      case rrwebSource.styleDeclaration:
      case rrwebSource.adoptedStyleSheet:
        return { ...event, data: this.#cssDeep(data) };
      default:
        return event;
    }
  }

  #mutation(data: Record<string, unknown>): Record<string, unknown> {
    const adds = (data.adds ?? []) as { node: SerializedNode }[];
    const attributes = (data.attributes ?? []) as { id: number; attributes: Record<string, unknown> }[];
    return {
      ...data,
      removes: [...((data.removes ?? []) as unknown[])],
      // A document is what an embedded frame held; the frame itself is an empty box here.
      adds: adds.filter((add) => add.node.type !== 0).map((add) => ({ ...add, node: this.#node(add.node) })),
      attributes: attributes.map((change) => ({
        ...change,
        attributes: this.#attributes(this.#tagById.get(change.id) ?? '', change.attributes),
      })),
    };
  }

  #node(node: SerializedNode, isStyleText = false): SerializedNode {
    if (isStyleText) return { ...node, textContent: this.#cssDeep(node.textContent) };
    if (node.type !== 2 || node.tagName === undefined) {
      return node.childNodes ? { ...node, childNodes: node.childNodes.map((child) => this.#node(child)) } : { ...node };
    }
    const tag = node.tagName.toLowerCase();
    const given = node.attributes ?? {};
    // rrweb inlines a style sheet's rules into its <link>, which it rebuilds as a <style>.
    const isInlined = tag === 'link' && typeof given._cssText === 'string';
    if (inertTags.has(tag) && !isInlined) {
      this.#tagById.set(node.id, 'noscript');
      return {
        type: 2,
        id: node.id,
        tagName: node.isSVG ? 'g' : 'noscript',
        attributes: {},
        childNodes: [],
        ...svg(node),
      };
    }
    if (tag === 'canvas' && typeof given.rr_dataURL === 'string' && given.rr_dataURL.startsWith('data:image/')) {
      // A canvas does not paint in a document without scripts.
      const { rr_dataURL, ...others } = given;
      this.#tagById.set(node.id, 'img');
      return {
        ...node,
        tagName: 'img',
        attributes: { ...this.#attributes('img', others), src: rr_dataURL },
        childNodes: [],
      };
    }
    const isBox = boxTags.has(tag);
    const safeTag = isBox ? 'div' : isInlined ? 'style' : node.tagName;
    this.#tagById.set(node.id, safeTag.toLowerCase());
    const { isCustom: _, ...rest } = node;
    return {
      ...rest,
      tagName: safeTag,
      attributes: isInlined
        ? { _cssText: this.#cssDeep(given._cssText) }
        : this.#attributes(safeTag.toLowerCase(), given),
      childNodes:
        isBox || mediaTags.has(tag) ? [] : (node.childNodes ?? []).map((child) => this.#node(child, tag === 'style')),
    };
  }

  #attributes(tag: string, attributes: Record<string, unknown>): Record<string, unknown> {
    const safe: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(attributes)) {
      const lower = name.toLowerCase();
      if (lower.startsWith('on') || lower.startsWith('rr_media') || droppedAttributes.has(lower)) continue;
      if (value === null) {
        // A mutation that takes the attribute off.
        safe[name] = null;
      } else if (lower === 'href' || lower.endsWith(':href')) {
        // Stays a link to look at; it leads nowhere.
        if (linkTags.has(tag)) safe[name] = '#';
        else if (typeof value === 'string') {
          const url = value.startsWith('#') ? value : this.#resource(value);
          if (url !== undefined) safe[name] = url;
        }
      } else if (resourceAttributes.has(lower)) {
        const url = typeof value === 'string' ? this.#resource(value) : undefined;
        if (url !== undefined) safe[name] = url;
      } else if (lower === 'rr_dataurl') {
        if (typeof value === 'string' && value.startsWith('data:image/')) safe[name] = value;
      } else if (lower === '_csstext' || lower === 'style') {
        safe[name] = this.#cssDeep(value);
      } else if (typeof value !== 'string' || !/^\s*(javascript|vbscript):/i.test(value)) {
        safe[name] = value;
      }
    }
    return safe;
  }

  #resource(value: string): string | undefined {
    const url = value.trim();
    if (/^data:(image|font)\//i.test(url)) return url;
    return ownAsset.test(url) ? this.assetUrl(url) : undefined;
  }

  /** Without what a sheet would fetch from elsewhere; what hides behind CSS escapes is left to the CSP. */
  #css(text: string): string {
    return text
      .replace(/@import\b[^;]*(;|$)/gi, '')
      .replace(
        /url\(\s*(?:"([^"]*)"|'([^']*)'|([^)]*?))\s*\)/gi,
        (_, double?: string, single?: string, bare?: string) => {
          const target = double ?? single ?? bare ?? '';
          const url = target.startsWith('#') ? target : this.#resource(target);
          return url === undefined ? 'url("data:,")' : `url("${url.replaceAll('"', '%22')}")`;
        },
      );
  }

  /** Every text inside, as CSS. */
  #cssDeep(value: unknown): unknown {
    if (typeof value === 'string') return this.#css(value);
    if (Array.isArray(value)) return value.map((item) => this.#cssDeep(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#cssDeep(item)]));
  }
}

function svg(node: SerializedNode): { isSVG?: true } {
  return node.isSVG ? { isSVG: true } : {};
}
