// server.mjs with recording: the lines that end in "// +" are new, everything else is as it was.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { build } from 'esbuild';
import * as mediasoup from 'mediasoup';
import { WebSocketServer } from 'ws';
import { createRecorder } from '@rushes/recorder/client'; // +

const port = Number(process.env.PORT ?? 3000);
const mediaAddress = process.env.MEDIA_ADDRESS ?? '127.0.0.1';

const worker = await mediasoup.createWorker({ logLevel: 'warn' });
const router = await worker.createRouter({
  mediaCodecs: [
    { kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2 },
    { kind: 'video', mimeType: 'video/VP8', clockRate: 90000 },
  ],
});
const peers = new Map();
const { RUSHES_URL: apiUrl = 'http://127.0.0.1:7070', RUSHES_API_KEY: apiKey } = process.env; // +
const recorder = await createRecorder({ apiUrl, apiKey }); // +
let recording; // +

const requests = {
  join: async (peer, { name }) => {
    peer.name = name;
    peers.set(peer.id, peer);
    recording ??= recorder.startRecording({ roomId: 'example' }); // +
    console.log(`recording ${await recording}`); // +
    const others = [...peers.values()].filter((other) => other !== peer);
    const producers = others.flatMap((other) => [...other.producers.values()].map((each) => introduce(other, each)));
    return { participantId: peer.id, rtpCapabilities: router.rtpCapabilities, producers };
  },
  createTransport: async (peer) => {
    const transport = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: mediaAddress }] });
    peer.transports.set(transport.id, transport);
    const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
    return { id, iceParameters, iceCandidates, dtlsParameters };
  },
  connectTransport: async (peer, { transportId, dtlsParameters }) => {
    await transportOf(peer, transportId).connect({ dtlsParameters });
  },
  produce: async (peer, { transportId, kind, rtpParameters, source }) => {
    const producer = await transportOf(peer, transportId).produce({ kind, rtpParameters, appData: { source } });
    peer.producers.set(producer.id, producer);
    const about = { participantId: peer.id, participantName: peer.name, source }; // +
    await recorder.recordProducer(router, producer, { recordingId: await recording, ...about }); // +
    for (const other of peers.values()) {
      if (other !== peer) other.notify('newProducer', introduce(peer, producer));
    }
    return { id: producer.id };
  },
  pause: async (peer, { producerId }) => producerOf(peer, producerId).pause(),
  resume: async (peer, { producerId }) => producerOf(peer, producerId).resume(),
  consume: async (peer, { transportId, producerId, rtpCapabilities }) => {
    const consumer = await transportOf(peer, transportId).consume({ producerId, rtpCapabilities });
    consumer.on('producerclose', () => peer.notify('producerClosed', { producerId }));
    return { id: consumer.id, producerId, kind: consumer.kind, rtpParameters: consumer.rtpParameters };
  },
};

async function leave(peer) {
  for (const transport of peer.transports.values()) transport.close();
  peers.delete(peer.id);
  if (peers.size > 0 || !recording) return; // +
  const ended = recording; // +
  recording = undefined; // +
  await recorder.stopRecording(await ended); // +
}

function introduce(peer, producer) {
  return { producerId: producer.id, participantId: peer.id, name: peer.name, ...producer.appData };
}

function transportOf(peer, id) {
  const transport = peer.transports.get(id);
  if (!transport) throw new Error(`transportId: expected one of yours, got ${id}`);
  return transport;
}

function producerOf(peer, id) {
  const producer = peer.producers.get(id);
  if (!producer) throw new Error(`producerId: expected one of yours, got ${id}`);
  return producer;
}

const script = await build({ entryPoints: [`${import.meta.dirname}/page/page.mjs`], bundle: true, write: false });
const server = createServer(async (request, response) => {
  const isScript = request.url === '/page.js';
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
  response.end(isScript ? script.outputFiles[0].contents : await readFile(`${import.meta.dirname}/page/index.html`));
});

new WebSocketServer({ server }).on('connection', (socket) => {
  const peer = { id: randomUUID(), name: '', transports: new Map(), producers: new Map() };
  peer.notify = (event, data) => socket.send(JSON.stringify({ event, data }));
  socket.on('message', async (message) => {
    const { id, method, data } = JSON.parse(message);
    try {
      if (!Object.hasOwn(requests, method)) throw new Error(`method: expected ${Object.keys(requests).join(', ')}`);
      socket.send(JSON.stringify({ id, data: (await requests[method](peer, data)) ?? {} }));
    } catch (error) {
      socket.send(JSON.stringify({ id, error: error.message }));
    }
  });
  socket.on('close', () => leave(peer).catch(console.error));
});

async function end() {
  await recorder.close(); // +
  worker.close();
  process.exit();
}
process.once('SIGINT', end).once('SIGTERM', end);

server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
