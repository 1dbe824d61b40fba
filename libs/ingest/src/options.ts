import type { TimelinePlugin } from '@rushes/timeline';

export type IngestLimits = {
  /** Largest message, bytes; a larger one closes the connection with 1009. */
  maxBatchBytes: number;
  /** Largest event, bytes of JSON: a full snapshot with its inlined images. */
  maxEventBytes: number;
  /** Data over this lies in the object store, and the event refers to it, bytes of JSON. */
  claimBytes: number;
  /**
   * Messages of all connections that are not answered yet; beyond, connections are not read until there is room, bytes. During an
   * outage this is what the gateway holds.
   */
  maxHeldBytes: number;
  /** Sustained and short-term rate of one connection. */
  eventsPerSecond: number;
  burstEvents: number;
  /** Refusals for good after which a connection is closed (1008). */
  maxRefusals: number;
};

export const defaultLimits: IngestLimits = {
  maxBatchBytes: 16 * 1024 * 1024,
  maxEventBytes: 8 * 1024 * 1024,
  claimBytes: 256 * 1024,
  maxHeldBytes: 64 * 1024 * 1024,
  eventsPerSecond: 1000,
  burstEvents: 5000,
  maxRefusals: 100,
};

export type IngestOptions = {
  /** Whose events are checked by their schemas. Events of other plugins pass as JSON of at most 64 K characters. */
  plugins?: readonly TimelinePlugin[];
  limits?: Partial<IngestLimits>;
};

/** Injection token of {@link IngestOptions}. */
export const INGEST_OPTIONS = Symbol('INGEST_OPTIONS');
