import type { Gap } from '@rushes/timeline';

type GapReason = Gap['reason'];

const reasonNames: Readonly<Record<GapReason, string>> = {
  muted: 'muted',
  'camera-off': 'camera off',
  dtx: 'silence',
  'network-loss': 'network loss',
  'recorder-down': 'the recorder was down',
  'spool-full': 'the recorder’s disk was full',
  'layer-switch': 'change of quality',
  'capture-lost': 'the page was not captured',
  'sender-asleep': 'their device slept',
};

/** What somebody did is no defect of the recording, and what they did not say is not missing at all. */
export type GapKind = 'chosen' | 'loss' | 'silence';

const kinds: Readonly<Partial<Record<GapReason, GapKind>>> = {
  muted: 'chosen',
  'camera-off': 'chosen',
  'layer-switch': 'chosen',
  'sender-asleep': 'chosen',
  dtx: 'silence',
};

/** A later version's recordings may have reasons that are not known here. */
export function gapKind(reason: GapReason): GapKind {
  return kinds[reason] ?? 'loss';
}

export function nameReason(reason: GapReason): string {
  return reasonNames[reason] ?? reason;
}
