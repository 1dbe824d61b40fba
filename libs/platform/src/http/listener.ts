import type { IncomingMessage } from 'node:http';

const viewerRequests = new WeakSet<IncomingMessage>();

/** Notes that a request came in on the viewer port. */
export function markViewerRequest(request: IncomingMessage): void {
  viewerRequests.add(request);
}

/** Whether the request came in on the viewer port, the origin on which pages that somebody else wrote are shown. */
export function isViewerRequest(request: IncomingMessage): boolean {
  return viewerRequests.has(request);
}
