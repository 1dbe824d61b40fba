import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ObjectStore } from '@rushes/object-store';
import { startTestApplication, testApiKey, type TestApplication } from '@rushes/platform/testing';
import { RecorderModule } from '@rushes/recorder';
import { RecordingsModule } from '@rushes/recordings';
import { manifestSchema, objectKeys, recordingPrefix, type Manifest } from '@rushes/timeline';
import { TimelineWriterModule } from '@rushes/timeline-writer';
import type { types as mediasoup } from 'mediasoup';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { judgeLipSync, type LipSync } from '../content/judge-lip-sync.ts';
import { signal, voices } from '../content/signal.ts';
import { writeCameraFile, writeMicrophoneFile } from '../content/write-signal.ts';
import { openPublisher } from '../fixtures/publisher.ts';

const [voice] = voices;
let app: TestApplication;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-rtp-'));
  app = await startTestApplication([RecorderModule, TimelineWriterModule.forRoot({ plugins: [] }), RecordingsModule]);
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

type Answer = { trackId: string; ip: string; port: number; rtcpPort: number | null; endUrl: string };
type Problem = { code: string; detail: string };

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(app.url + path, {
    method,
    headers: { authorization: `Bearer ${testApiKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, answer: text === '' ? undefined : JSON.parse(text) };
}

async function startRecording(): Promise<string> {
  const { answer } = await call('POST', '/v1/recordings', { roomId: `room-${Date.now()}`, external: true });
  return (answer as { recordingId: string }).recordingId;
}

async function openTrack(body: object): Promise<Answer> {
  const { status, answer } = await call('POST', '/v1/tracks/rtp', body);
  expect(status, JSON.stringify(answer)).toBe(201);
  return answer as Answer;
}

const ann = { participantId: 'ann', participantName: 'Ann', presenceId: 'tab-1' };
const opus = {
  ...ann,
  ...{ source: 'microphone', codec: { mimeType: 'audio/opus', payloadType: 97, clockRate: 48_000, channels: 2 } },
  ...{ ssrc: 1001, cname: 'ann', from: { ip: '127.0.0.1' } },
};
const vp8 = {
  ...ann,
  ...{ source: 'camera', codec: { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 } },
  ...{ ssrc: 1002, cname: 'ann', from: { ip: '127.0.0.1' } },
};

async function readManifest(recordingId: string): Promise<Manifest> {
  const bytes = await app.app.get<ObjectStore>(ObjectStore).read(recordingPrefix(recordingId) + objectKeys.manifest);
  return manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

async function whenReady(recordingId: string): Promise<Manifest> {
  await call('POST', `/v1/recordings/${recordingId}/stop`);
  await vi.waitFor(async () => expect((await readManifest(recordingId)).status).toBe('ready'), 30_000);
  return readManifest(recordingId);
}

async function judge(recordingId: string, { tracks }: Manifest, msPerNumber: number): Promise<LipSync> {
  const [audio, video] = await Promise.all(
    ['audio', 'video'].map(async (kind) => {
      const media = tracks.find((track) => track.kind === kind)!.media!;
      const path = join(folder, `${recordingId}-${kind}.webm`);
      const bytes = await app.app.get<ObjectStore>(ObjectStore).read(recordingPrefix(recordingId) + media.key);
      await writeFile(path, bytes);
      return { ...media, path };
    }),
  );
  return judgeLipSync({ audio: audio!, video: video! }, voice, msPerNumber);
}

describe('plain RTP from another host', () => {
  it('is recorded from a mediasoup PlainTransport, encrypted or not', async () => {
    const publisher = await openPublisher(voice);
    const recordingId = await startRecording();
    try {
      await publisher.publish();
      for (const [kind, producer] of publisher.producers) {
        const isEncrypted = kind === 'audio';
        const transport = await publisher.router.createPlainTransport({
          listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
          enableSrtp: isEncrypted,
        });
        const { rtpCapabilities } = publisher.router;
        const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities, paused: true });
        const { codecs, encodings, rtcp } = consumer.rtpParameters;
        const { mimeType, payloadType, clockRate, channels, parameters } = codecs[0]!;
        const answer = await openTrack({
          ...{ ...ann, recordingId, source: kind === 'audio' ? 'microphone' : 'camera' },
          codec: { mimeType, payloadType, clockRate, ...(channels ? { channels } : {}), parameters },
          ...{ ssrc: encodings![0]!.ssrc, cname: rtcp!.cname },
          from: { ip: '127.0.0.1', port: transport.tuple.localPort },
          ...(isEncrypted ? { srtpParameters: transport.srtpParameters } : {}),
        });
        const { ip, port, srtpParameters } = answer as Answer & { srtpParameters?: mediasoup.SrtpParameters };
        await transport.connect({ ip, port, ...(isEncrypted ? { srtpParameters: srtpParameters! } : {}) });
        await consumer.resume();
      }
      await delay(7000);
    } finally {
      await publisher.close();
    }
    const manifest = await whenReady(recordingId);
    expect(manifest.participants).toMatchObject([{ participantId: 'ann', name: 'Ann' }]);
    const { medianMs, pictures, beeps } = await judge(recordingId, manifest, 1);
    expect(pictures).toBeGreaterThan(60);
    expect(beeps).toBeGreaterThanOrEqual(5);
    // The sending host's clock and arrival, not the browser's.
    expect(Math.abs(medianMs)).toBeLessThanOrEqual(80);
  });

  it('is recorded from ffmpeg, and ended by request', async () => {
    const seconds = 8;
    const [camera, microphone] = [join(folder, 'camera.mjpeg'), join(folder, 'microphone.wav')];
    await Promise.all([
      writeCameraFile(camera, { seconds, voice }),
      writeMicrophoneFile(microphone, { seconds, voice }),
    ]);
    const recordingId = await startRecording();
    const [audio, video] = [
      await openTrack({ ...opus, recordingId, rtcpMux: false }),
      await openTrack({ ...vp8, recordingId, rtcpMux: false }),
    ];
    const urlOf = ({ ip, port, rtcpPort }: Answer) => `rtp://${ip}:${port}?rtcpport=${rtcpPort}&pkt_size=1200`;
    // Else each output counts its reports from when it began.
    const start = ['-start_time_realtime', String(Date.now() * 1000)];
    const ffmpeg = spawn(process.env.RUSHES_FFMPEG ?? 'ffmpeg', [
      ...['-v', 'error', '-re', '-f', 'mjpeg', '-r', String(signal.fps), '-i', camera, '-re', '-i', microphone],
      ...['-map', '0:v', '-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '1M', '-g', '30'],
      ...['-pix_fmt', 'yuv420p', '-payload_type', '96', '-ssrc', '1002', ...start, '-f', 'rtp', urlOf(video)],
      ...[
        '-map',
        '1:a',
        '-c:a',
        'libopus',
        '-payload_type',
        '97',
        '-ssrc',
        '1001',
        ...start,
        '-f',
        'rtp',
        urlOf(audio),
      ],
    ]);
    ffmpeg.stdout.resume();
    await once(ffmpeg, 'close');
    for (const { trackId } of [audio, video]) {
      const path = `/v1/tracks/rtp/${recordingId}/${trackId}`;
      expect((await call('DELETE', path)).status).toBe(204);
      expect(await call('DELETE', path)).toMatchObject({ status: 404, answer: { code: 'track-not-found' } });
    }
    const manifest = await whenReady(recordingId);
    const { medianMs, pictures, beeps } = await judge(recordingId, manifest, 1000 / signal.fps);
    expect(pictures).toBeGreaterThan(100);
    expect(beeps).toBeGreaterThanOrEqual(6);
    expect(Math.abs(medianMs)).toBeLessThanOrEqual(80);
  });

  it('ends by itself when it falls silent, and at once when somebody else sends', async () => {
    const recordingId = await startRecording();
    const silent = await openTrack({ ...opus, recordingId, silentAfterSeconds: 2 });
    const strange = await openTrack({ ...vp8, recordingId, from: { ip: '127.0.0.9' } });
    const socket = createSocket('udp4');
    const packet = Buffer.concat([Buffer.from([0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0x03, 0xea]), Buffer.alloc(20, 0x10)]);
    socket.send(packet, strange.port, strange.ip);
    await vi.waitFor(async () => {
      const { tracks } = await readManifest(recordingId);
      expect(tracks.map(({ endMs }) => typeof endMs)).toEqual(['number', 'number']);
    }, 15_000);
    socket.close();
    const { tracks } = await whenReady(recordingId);
    expect(tracks.map(({ trackId, media }) => [trackId, media])).toEqual(
      expect.arrayContaining([silent, strange].map(({ trackId }) => [trackId, null])),
    );
  });

  it('goes with its participant, whatever others call their presences', async () => {
    const recordingId = await startRecording();
    const { trackId } = await openTrack({ ...opus, recordingId });
    await openTrack({ ...opus, recordingId, participantId: 'bob', participantName: 'Bob', ssrc: 2001 });
    await call('DELETE', `/v1/tracks/rtp/${recordingId}/${trackId}`);
    await vi.waitFor(async () => {
      const { participants } = await readManifest(recordingId);
      const left = participants.map(({ name, presences }) => [name, typeof presences[0]?.leftAtMs === 'number']);
      expect(Object.fromEntries(left)).toEqual({ Ann: true, Bob: false });
    }, 15_000);
    await call('POST', `/v1/recordings/${recordingId}/stop`);
  });

  it.each([
    [{ ssrc: 0 }, 'body.ssrc'],
    [{ from: { ip: 'localhost' } }, 'body.from.ip'],
    [{ source: 'camera' }, 'body.source'],
    [{ codec: { ...opus.codec, mimeType: 'audio/PCMU' } }, 'body.codec.mimeType'],
    [{ codec: { ...opus.codec, clockRate: 44_100 } }, 'body.codec'],
    [{ codec: { ...opus.codec, payloadType: 0 } }, 'body.codec.payloadType'],
    [{ rtcpMux: false, from: { ip: '127.0.0.1', port: 5000 } }, 'body.from.rtcpPort'],
    [{ from: { ip: '127.0.0.1', port: 5000, rtcpPort: 5001 } }, 'body.from.rtcpPort'],
    [{ srtpParameters: { cryptoSuite: 'AEAD_AES_128_GCM', keyBase64: 'AAAA' } }, 'body.srtpParameters.keyBase64'],
    [{ extra: 1 }, 'body.extra'],
  ])('is refused with the field at fault: %o', async (wrong, field) => {
    const recordingId = await startRecording();
    const { status, answer } = await call('POST', '/v1/tracks/rtp', { ...opus, recordingId, ...wrong });
    expect([status, (answer as Problem).detail]).toEqual([400, expect.stringContaining(`${field}: `)]);
  });

  it('is refused for a recording that is not there or over, and without a key', async () => {
    const unknown = await call('POST', '/v1/tracks/rtp', { ...opus, recordingId: 'nothing' });
    expect(unknown).toMatchObject({ status: 404, answer: { code: 'recording-not-found' } });
    const recordingId = await startRecording();
    const { trackId } = await openTrack({ ...opus, recordingId });
    const again = await call('POST', '/v1/tracks/rtp', { ...opus, recordingId, trackId });
    expect(again).toMatchObject({ status: 409, answer: { code: 'track-exists' } });
    await call('POST', `/v1/recordings/${recordingId}/stop`);
    const late = await call('POST', '/v1/tracks/rtp', { ...opus, recordingId });
    expect(late).toMatchObject({ status: 409, answer: { code: 'recording-over' } });
    expect((await fetch(`${app.url}/v1/tracks/rtp`, { method: 'POST' })).status).toBe(401);
  });
});
