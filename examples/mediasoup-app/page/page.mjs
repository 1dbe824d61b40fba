import { Device } from 'mediasoup-client';

const socket = new WebSocket(location.href.replace(/^http/, 'ws'));
const answers = new Map();
let nextId = 0;

function ask(method, data = {}) {
  const id = nextId++;
  socket.send(JSON.stringify({ id, method, data }));
  return new Promise((resolve, reject) => answers.set(id, { resolve, reject }));
}

const events = {
  newProducer: (producer) => watch(producer),
  producerClosed: ({ producerId }) => document.getElementById(producerId)?.remove(),
};

socket.onmessage = ({ data: text }) => {
  const { id, event, data, error } = JSON.parse(text);
  if (event) return events[event](data);
  const { resolve, reject } = answers.get(id);
  answers.delete(id);
  if (error) reject(new Error(error));
  else resolve(data);
};

let device;
let receiving;

async function join(name) {
  const { rtpCapabilities, producers } = await ask('join', { name });
  device = await Device.factory();
  await device.load({ routerRtpCapabilities: rtpCapabilities });
  receiving = device.createRecvTransport(await ask('createTransport'));
  onConnect(receiving);
  for (const producer of producers) await watch(producer);

  const sending = device.createSendTransport(await ask('createTransport'));
  onConnect(sending);
  sending.on('produce', ({ kind, rtpParameters, appData }, done, fail) => {
    ask('produce', { transportId: sending.id, kind, rtpParameters, ...appData }).then(done, fail);
  });
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  show('own', stream.getVideoTracks()[0]);
  const [audio, video] = [stream.getAudioTracks()[0], stream.getVideoTracks()[0]];
  const microphone = await sending.produce({ track: audio, appData: { source: 'microphone' } });
  await sending.produce({ track: video, appData: { source: 'camera' } });

  const mute = document.getElementById('mute');
  mute.hidden = false;
  mute.onclick = async () => {
    if (microphone.paused) microphone.resume();
    else microphone.pause();
    await ask(microphone.paused ? 'pause' : 'resume', { producerId: microphone.id });
    mute.textContent = microphone.paused ? 'Unmute' : 'Mute';
  };
}

function onConnect(transport) {
  transport.on('connect', ({ dtlsParameters }, done, fail) => {
    ask('connectTransport', { transportId: transport.id, dtlsParameters }).then(done, fail);
  });
}

async function watch({ producerId }) {
  const { rtpCapabilities } = device;
  const consumer = await receiving.consume(
    await ask('consume', { transportId: receiving.id, producerId, rtpCapabilities }),
  );
  show(producerId, consumer.track);
}

function show(id, track) {
  const element = document.createElement(track.kind);
  Object.assign(element, { id, autoplay: true, muted: id === 'own', srcObject: new MediaStream([track]) });
  document.querySelector('main').append(element);
}

document.querySelector('form').onsubmit = (event) => {
  event.preventDefault();
  event.target.hidden = true;
  void join(new FormData(event.target).get('name'));
};
