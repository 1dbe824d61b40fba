/** A node as rrweb-snapshot serialises it: type 0 document, 1 doctype, 2 element, 3 text, 4 CDATA, 5 comment. */
export type SerializedNode = {
  type: number;
  id: number;
  tagName?: string;
  attributes?: Record<string, unknown>;
  childNodes?: SerializedNode[];
  isSVG?: true;
  [key: string]: unknown;
};

/** rrweb's event types and incremental sources that the player looks at. */
export const rrwebType = { fullSnapshot: 2, incremental: 3, meta: 4 } as const;
export const rrwebSource = {
  mutation: 0,
  mouseMove: 1,
  touchMove: 6,
  mediaInteraction: 7,
  styleSheetRule: 8,
  canvasMutation: 9,
  font: 10,
  drag: 12,
  styleDeclaration: 13,
  adoptedStyleSheet: 15,
} as const;
