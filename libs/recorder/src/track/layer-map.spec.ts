import { describe, expect, it } from 'vitest';
import { LayerMap } from './layer-map.ts';
import type { ArrivedPacket } from './stream-map.ts';

const [keyPayload, deltaPayload] = [Uint8Array.of(1), Uint8Array.of(0)];
const pictureMs = 33;

/** A camera of three layers (SSRC 100 to 102), whose pictures are a packet each, and what is recorded of it. */
class Camera {
  readonly recorded: { layer: number; atMs: number; isKey: boolean; sequence: number }[] = [];
  readonly askedAtMs: number[] = [];
  readonly switches: number[] = [];
  atMs = 0;
  private sequence = 65_500;
  private readonly map: LayerMap;

  constructor(highestLayer = Infinity) {
    const encodings = [{ ssrc: 100 }, { ssrc: 101 }, { ssrc: 102 }];
    this.map = new LayerMap(
      { rtpParameters: { codecs: [], encodings } },
      {
        readSenderSsrcs: () => Promise.resolve(new Map()),
        highestLayer,
        beginsKeyFrame: (payload) => payload[0] === 1,
        onSwitch: (layer) => this.switches.push(layer),
        requestKeyFrame: () => this.askedAtMs.push(this.atMs),
      },
    );
  }

  /** `count` pictures of the layers, key frames for those of `keys` at the first. */
  send(layers: readonly number[], count: number, keys: readonly number[] = []): void {
    for (let n = 0; n < count; n++) {
      this.atMs += pictureMs;
      this.sequence++;
      for (const layer of layers) this.sendPacket(layer, n === 0 && keys.includes(layer), this.sequence);
    }
  }

  sendPacket(layer: number, isKey: boolean, sequence: number, timestamp = sequence): void {
    const payload = isKey ? keyPayload : deltaPayload;
    const numbers = { sequenceNumber: sequence & 0xffff, timestamp, ssrc: 100 + layer };
    const arrived: ArrivedPacket = {
      data: payload,
      atMs: this.atMs,
      packet: { marker: true, payloadType: 96, payload, ...numbers },
    };
    for (const { packet, atMs } of this.map.take(arrived)) {
      const { ssrc, sequenceNumber } = packet;
      const isTakenKey = packet.payload[0] === 1;
      this.recorded.push({ layer: ssrc - 100, atMs, isKey: isTakenKey, sequence: sequenceNumber });
    }
  }
}

describe('LayerMap', () => {
  it('records the highest layer when recording begins in the middle, and asks for its key frame', () => {
    const camera = new Camera();
    camera.send([0, 1, 2], 3);
    camera.send([0, 1, 2], 30, [0, 1, 2]);
    expect(camera.recorded.filter(({ isKey }) => isKey)).toMatchObject([{ layer: 2 }]);
    expect(camera.askedAtMs.length).toBeGreaterThan(0);
    expect(camera.switches).toEqual([2]);
  });

  it('waits for the highest layer in the beginning, but not for long, and loses nothing by it', () => {
    const all = new Camera();
    all.send([0, 1, 2], 10, [0, 1, 2]);
    expect(all.switches).toEqual([2]);
    const lowest = new Camera();
    lowest.send([0], 10, [0]);
    expect(lowest.recorded).toHaveLength(10);
    expect(lowest.recorded[0]).toMatchObject({ layer: 0, isKey: true });
    expect(lowest.askedAtMs).toEqual([]);
  });

  it('keeps the lower layer until the higher one has a key frame, asked for at once', () => {
    const camera = new Camera();
    camera.send([0], 10, [0]);
    camera.send([0, 2], 9);
    camera.send([0, 2], 5, [2]);
    expect(camera.recorded.map(({ layer }) => layer)).toEqual([
      ...Array<number>(20).fill(0),
      ...Array<number>(5).fill(2),
    ]);
    expect(camera.recorded[20]).toMatchObject({ layer: 2, isKey: true });
    expect(camera.askedAtMs).toEqual([11 * pictureMs]);
  });

  it('goes down to the highest layer that goes on, from its key frame, which it asks for within 300 ms', () => {
    const camera = new Camera();
    camera.send([0, 1, 2], 10, [0, 1, 2]);
    const [endedAtMs, asked] = [camera.atMs, camera.askedAtMs.length];
    camera.send([0, 1], 9);
    expect(camera.askedAtMs.slice(asked)).toHaveLength(1);
    expect(camera.askedAtMs[asked]! - endedAtMs).toBeLessThan(300);
    camera.send([0, 1], 10, [0, 1]);
    expect(camera.recorded.filter(({ atMs }) => atMs > endedAtMs).map(({ layer }) => layer)).toEqual(Array(10).fill(1));
    expect(camera.recorded.find(({ atMs }) => atMs > endedAtMs)).toMatchObject({ isKey: true });
  });

  it('stays while all layers pause, and asks for nothing', () => {
    const camera = new Camera();
    camera.send([0, 1, 2], 10, [0, 1, 2]);
    const asked = camera.askedAtMs.length;
    camera.atMs += 5000;
    camera.send([0, 1, 2], 10);
    expect(camera.switches.at(-1)).toBe(2);
    expect(camera.askedAtMs).toHaveLength(asked);
  });

  it('is not brought back to a layer that has ended by a packet that was sent again', () => {
    const camera = new Camera();
    camera.send([0, 2], 10, [0, 2]);
    camera.send([0], 10);
    camera.send([0], 10, [0]);
    const { length } = camera.recorded;
    camera.sendPacket(2, false, 65_505);
    camera.send([0], 10);
    expect(camera.recorded.slice(length).map(({ layer }) => layer)).toEqual(Array(10).fill(0));
  });

  it('takes the packets of a key frame that came before its first', () => {
    const camera = new Camera();
    camera.send([0], 10, [0]);
    camera.sendPacket(2, false, 8, 1);
    camera.atMs += 20;
    camera.sendPacket(2, false, 11, 2);
    camera.sendPacket(2, false, 12, 2);
    camera.sendPacket(2, true, 10, 2);
    expect(camera.recorded.filter(({ layer }) => layer === 2).map(({ sequence }) => sequence)).toEqual([11, 12, 10]);
  });

  it('asks again when the key frame does not come', () => {
    const camera = new Camera();
    camera.send([0], 10, [0]);
    camera.send([0, 2], 70);
    expect(camera.askedAtMs.map((atMs) => Math.round((atMs - 11 * pictureMs) / 1000))).toEqual([0, 1, 2]);
  });

  it('never records a layer above the highest that is wanted', () => {
    const camera = new Camera(1);
    camera.send([0, 1, 2], 30, [0, 1, 2]);
    expect(camera.switches).toEqual([1]);
  });
});
