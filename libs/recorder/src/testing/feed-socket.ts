import { testApiKey } from '@rushes/platform/testing';
import { WebSocket } from 'ws';
import { feedPath } from '../feed/feed-protocol.ts';

/** A connection to the recorder at `url` as a deliverer opens it, which says nothing by itself. */
export function openFeedSocket(url: string): WebSocket {
  return new WebSocket(url.replace('http', 'ws') + feedPath, { headers: { authorization: `Bearer ${testApiKey}` } });
}
