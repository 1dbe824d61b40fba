import type { PictureColor } from './picture-color.ts';

/** A packet's payload taken apart. */
export type Fragment = {
  /** The coded bytes that it carries, without the payload descriptor. Empty when it carries none. */
  data: readonly Uint8Array[];
  /** Whether a picture can begin here, so that nothing before it is missing from the picture. */
  startsFrame: boolean;
  /**
   * Where a picture is made of units (AV1's OBUs, VP9's layer frames): whether the first part goes on what the packet before left
   * unfinished, and whether the last one is unfinished itself.
   */
  joins?: { before: boolean; after: boolean };
};

export type KeyFrame = {
  width: number;
  height: number;
  codecString: string;
  /** null when the frame names one that only itself can say. */
  color: PictureColor | null;
};

/** What derivation must know of a video codec: from RTP payloads to the frames that files hold. One for each stream. */
export type VideoCodec = {
  /** As mediabunny names it. */
  muxerCodec: 'vp8' | 'vp9' | 'avc' | 'av1';
  container: 'webm' | 'mp4';
  /** undefined when the payload is malformed. One call for each packet, in order. */
  depacketise(payload: Uint8Array): Fragment | undefined;
  /** One frame from its fragments in order; undefined when they do not fit together. One call for each frame, in order. */
  assemble(fragments: readonly Fragment[]): Uint8Array | undefined;
  /** What a frame says when it can be decoded alone; undefined when it cannot. */
  readKeyFrame(frame: Uint8Array): KeyFrame | undefined;
  /** Whether a packet's fragment is the first of a frame that can be decoded alone. */
  beginsKeyFrame(fragment: Fragment): boolean;
};

/** The units that fragments are parts of; undefined when a part of one is missing. */
export function joinUnits(fragments: readonly Fragment[]): Uint8Array[] | undefined {
  const units: Uint8Array[][] = [];
  let isOpen = false;
  for (const { data, joins } of fragments) {
    if (joins?.before !== isOpen) return undefined;
    data.forEach((part, index) => {
      if (index === 0 && isOpen) units.at(-1)!.push(part);
      else units.push([part]);
    });
    isOpen = joins.after;
  }
  return isOpen ? undefined : units.map(concat);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
