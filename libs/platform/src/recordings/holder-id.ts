/** Injection token of this process's id as a holder of recordings and rooms; new with every process. */
export const HOLDER_ID = Symbol('HOLDER_ID');
