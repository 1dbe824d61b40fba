declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** Requests of one connection that wait for their turn or for the broker's throttling to end. */
  export default class RequestQueue {
    pending: unknown[];
    scheduleCheckPendingRequests: (this: RequestQueue) => void;
  }
}
