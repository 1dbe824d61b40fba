import { createInterface } from 'node:readline';
import { Pages, percentile } from './page-load.ts';

export type LoadRequest = {
  /** Pages connected for this request, shared out over the addresses. */
  pages: number;
  /** The same pages go on with the next request that asks for as many. */
  durationMs: number;
  pauseMs: number;
  eventsPerBatch: number;
};
export type LoadAnswer = { events: number; perSecond: number; p99Ms: number };

/** The pages of a bench, in a process of their own: `<addresses as JSON>`; answers each {@link LoadRequest}. */
const urls = JSON.parse(process.argv[2]!) as string[];
let connected: Pages[] = [];
let connectedPages = 0;
console.log('true');
for await (const line of createInterface(process.stdin)) {
  const { pages, ...send } = JSON.parse(line) as LoadRequest;
  if (pages !== connectedPages) {
    for (const each of connected) each.close();
    const load = { participantId: 'ann', pages: Math.ceil(pages / urls.length) };
    connected = await Promise.all(urls.map((url) => Pages.connect({ ...load, url })));
    connectedPages = pages;
  }
  const sent = await Promise.all(connected.map((each) => each.send(send)));
  const answer: LoadAnswer = {
    events: sent.reduce((sum, { events }) => sum + events, 0),
    perSecond: sent.reduce((sum, { events, seconds }) => sum + events / seconds, 0),
    p99Ms: percentile(
      sent.flatMap(({ waitsMs }) => waitsMs),
      0.99,
    ),
  };
  console.log(JSON.stringify(answer));
}
for (const each of connected) each.close();
