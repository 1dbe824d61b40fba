import type { IncomingMessage } from 'node:http';
import { newId } from '../ids/new-id.ts';

const ids = new WeakMap<IncomingMessage, string>();

/** The request's id: the caller's `x-request-id` when it is a plain one, else a new one. The same for the same request. */
export function requestIdOf(request: IncomingMessage): string {
  let id = ids.get(request);
  if (id === undefined) {
    const given = request.headers['x-request-id'];
    id = typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : newId();
    ids.set(request, id);
  }
  return id;
}
