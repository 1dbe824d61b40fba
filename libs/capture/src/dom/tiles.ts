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
} from '@rushes/timeline';

/** Finds the live node of a serialised one (`record.mirror`). */
export type NodeMirror = { getNode(id: number): Node | null; getId(node: Node): number };

const loadingAttributes = ['src', 'srcset', 'autoplay', 'controls', 'loop', 'poster', 'preload'];

/**
 * Tiles in the recorded page. A `<video data-rushes-track="…">` stays a `<video>` with its id, classes and style: so the page's
 * own rules give it its place, size, object-fit, rounded corners and mirroring in the replay too, and later mutations
 * (a track id that comes late, a resize) reach it like any other node. Only what would make it load or play by itself goes. It
 * gets `data-rushes-aspect="<width> / <height>"`, the picture's own size, for rules that rely on it: the player sets it
 * as `aspect-ratio`. Any media element that plays a MediaStream is treated alike.
 *
 * Changes `event` in place; returns false when it says nothing that may be replayed.
 */
export function markTiles(event: RrwebEvent, mirror: NodeMirror): boolean {
  visitNodes(rootsOf(event), (node) => {
    if (node.type !== rrwebNodeTypes.element || (node.tagName !== 'video' && node.tagName !== 'audio')) return;
    const live = node.id === undefined ? null : mirror.getNode(node.id);
    if (isRecord(node.attributes) && isTile(node.attributes, live)) makePlaceholder(node.attributes, live);
  });
  if (event.type !== rrwebTypes.incremental || !isRecord(event.data)) return true;
  if (event.data.source === rrwebSources.mediaInteraction) {
    return !isTile({}, mirror.getNode(Number(event.data.id)));
  }
  if (event.data.source === rrwebSources.mutation) {
    for (const change of recordsOf(event.data.attributes)) {
      const live = mirror.getNode(Number(change.id));
      if (isRecord(change.attributes) && isTile(change.attributes, live)) makePlaceholder(change.attributes, live);
    }
  }
  return true;
}

/** The mutation that tells the replay of a picture's new size, or undefined for an element that is no recorded tile. */
export function aspectMutation(
  element: EventTarget | null,
  mirror: NodeMirror,
  timestamp: number,
): RrwebEvent | undefined {
  if (!(element instanceof HTMLVideoElement) || !isTile({}, element)) return undefined;
  const aspect = aspectOf(element);
  const id = mirror.getId(element);
  if (aspect === undefined || id < 0) return undefined;
  return {
    type: rrwebTypes.incremental,
    timestamp,
    data: {
      source: rrwebSources.mutation,
      texts: [],
      attributes: [{ id, attributes: { 'data-rushes-aspect': aspect } }],
      removes: [],
      adds: [],
    },
  };
}

function isTile(attributes: RrwebAttributes, live: Node | null): boolean {
  if (live instanceof HTMLMediaElement) return live.srcObject !== null || live.hasAttribute('data-rushes-track');
  return attributes['data-rushes-track'] !== undefined;
}

function makePlaceholder(attributes: RrwebAttributes, live: Node | null): void {
  for (const name of Object.keys(attributes)) {
    if (loadingAttributes.includes(name) || name.startsWith('rr_media')) delete attributes[name];
  }
  const aspect = live instanceof HTMLVideoElement ? aspectOf(live) : undefined;
  if (aspect !== undefined) attributes['data-rushes-aspect'] = aspect;
}

function aspectOf(video: HTMLVideoElement): string | undefined {
  return video.videoWidth > 0 ? `${video.videoWidth} / ${video.videoHeight}` : undefined;
}
