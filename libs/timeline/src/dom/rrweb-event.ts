import type { RrwebEvent } from '../chunk/chunk.ts';

/** rrweb 2.2.2's event types (`EventType`), those that this project reads or writes. */
export const rrwebTypes = {
  domContentLoaded: 0,
  load: 1,
  fullSnapshot: 2,
  incremental: 3,
  meta: 4,
  custom: 5,
  plugin: 6,
} as const;

/** rrweb 2.2.2's incremental sources (`IncrementalSource`). */
export const rrwebSources = {
  mutation: 0,
  mediaInteraction: 7,
  styleSheetRule: 8,
  canvasMutation: 9,
  font: 10,
  styleDeclaration: 13,
  adoptedStyleSheet: 15,
} as const;

/** rrweb-snapshot's node types (`NodeType`). */
export const rrwebNodeTypes = { document: 0, documentType: 1, element: 2, text: 3, cdata: 4, comment: 5 } as const;

export type RrwebAttributes = Record<string, unknown>;
/** A node as rrweb-snapshot serialises it; all fields but `type` may be missing or of another type in a hostile recording. */
export type RrwebNode = {
  type: number;
  id?: number;
  tagName?: string;
  attributes?: RrwebAttributes;
  childNodes?: RrwebNode[];
  textContent?: string;
  [key: string]: unknown;
};

/** `data` of an incremental event; every field may be missing. */
export type RrwebIncrement = { source?: unknown; [key: string]: unknown };

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects in `value` when it is an array, else none. */
export function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The trees of serialised nodes that an event brings: a full snapshot's document, or what a mutation adds. */
export function rootsOf(event: RrwebEvent): RrwebNode[] {
  if (!isRecord(event.data)) return [];
  if (event.type === rrwebTypes.fullSnapshot) return isRecord(event.data.node) ? [event.data.node as RrwebNode] : [];
  if (event.type !== rrwebTypes.incremental || event.data.source !== rrwebSources.mutation) return [];
  return recordsOf(event.data.adds).flatMap((add) => (isRecord(add.node) ? [add.node as RrwebNode] : []));
}

/** Calls `visit` for every node under `roots`, parents first, however deep: children are read after the visit. */
export function visitNodes(roots: readonly RrwebNode[], visit: (node: RrwebNode) => void): void {
  const open = [...roots];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    visit(node);
    for (const child of recordsOf(node.childNodes)) open.push(child as RrwebNode);
  }
}
