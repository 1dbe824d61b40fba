/** Injection token of this process's id as a holder of recordings and rooms; new with every process. */
export const HOLDER_ID = Symbol('HOLDER_ID');

/**
 * Holds recordings of meetings that no process of ours hosts: their pages only deliver events. What they deliver keeps the
 * recording alive.
 */
export const externalHolderId = 'external';
