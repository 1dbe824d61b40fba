import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

let isQuiet = false;

/**
 * kafkajs 2.2.4 looks after throttled requests with a timer that sets itself again every millisecond on every connection, whether
 * there are any or not, and Node 24 warns of its negative delay (tulios/kafkajs#1751, unreleased). Lets it do so only while
 * requests wait.
 */
export function quietRequestQueue(): void {
  if (isQuiet) return;
  isQuiet = true;
  const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0) schedule.call(this);
  };
}
