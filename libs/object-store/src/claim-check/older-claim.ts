import {
  claimSchema,
  recordingPrefix,
  type ClaimedEnvelope,
  type EventEnvelope,
  type SurfaceId,
} from '@rushes/timeline';

type OlderClaim = { surface: SurfaceId; claim: Pick<ClaimedEnvelope, 'dataref' | 'datasizebytes' | 'datasha256'> };

/** Before the envelope had `dataref`, a large rrweb event was referred to by `data.claim`. */
export function olderClaimOf(event: EventEnvelope): OlderClaim | undefined {
  if (event.type !== 'rushes.dom.recorded.v1') return undefined;
  const data = event.data as { surface: SurfaceId; claim?: unknown } | null | undefined;
  const claim = claimSchema.safeParse(data?.claim);
  if (!data || !claim.success) return undefined;
  const { key, sizeBytes, sha256 } = claim.data;
  const dataref = recordingPrefix(event.recordingid) + key;
  return { surface: data.surface, claim: { dataref, datasizebytes: sizeBytes, datasha256: sha256 } };
}
