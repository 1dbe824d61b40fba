export type ProbeOptions = {
  strip: { cells: number; top: number; bottom: number };
  flashArea: { top: number; bottom: number };
  /** Of each audio track, in hertz. */
  tones: Record<string, number>;
  /** Source of the module that measures a tone's level, see {@link toneWorklet}. */
  worklet: string;
};

export type ProbeLog = {
  /** Every picture that a tile presented; times of `performance.now()`, levels 0 to 255. */
  pictures: { trackId: string; atMs: number; strip: number[]; flash: number }[];
  /** By track: levels of its tone every 2 ms of sound, and where they stand on the audio context's clock. */
  sounds: { trackId: string; contextMs: number; levels: number[] }[];
  /** The clocks side by side: the page's, the audio context's and the player's, milliseconds. */
  clocks: { atMs: number; contextMs: number; playerMs: number }[];
};

declare global {
  var rushesProbe: ProbeLog | undefined;
}

/**
 * For `evaluateOnNewDocument`: notes what the viewer's media elements present. Pictures by `requestVideoFrameCallback`: when each is
 * expected on the screen, and what it shows. Sound by an AudioWorklet through which every audio element is led: the level of its
 * participant's tone. Runs in the page: uses nothing from outside.
 */
export function installViewerProbe({ strip, flashArea, tones, worklet }: ProbeOptions): void {
  const log: ProbeLog = (globalThis.rushesProbe = { pictures: [], sounds: [], clocks: [] });
  const context = new AudioContext({ sampleRate: 48_000 });
  const ready = context.audioWorklet.addModule(URL.createObjectURL(new Blob([worklet], { type: 'text/javascript' })));
  const watched = new WeakSet<HTMLMediaElement>();
  const canvas = new OffscreenCanvas(strip.cells * 3 + 1, 1);
  const canvasContext = canvas.getContext('2d', { willReadFrequently: true })!;

  // eslint-disable-next-line @typescript-eslint/unbound-method -- called on the element that it is called on
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
    const trackId = /tracks\/([^/]+)\//.exec(this.src)?.[1];
    if (trackId !== undefined && !watched.has(this)) {
      watched.add(this);
      if (this instanceof HTMLVideoElement) watchPicture(this, trackId);
      else listenTo(this, trackId);
    }
    return play.call(this);
  };
  setInterval(() => {
    const player = document.querySelector<HTMLMediaElement>('rushes-player');
    if (!player || player.paused) return;
    const [contextMs, playerMs] = [context.currentTime * 1000, player.currentTime * 1000];
    log.clocks.push({ atMs: performance.now(), contextMs, playerMs });
  }, 10);

  function watchPicture(video: HTMLVideoElement, trackId: string): void {
    const look = (_now: number, { expectedDisplayTime }: VideoFrameCallbackMetadata) => {
      video.requestVideoFrameCallback(look);
      const width = video.videoWidth;
      // Of an upright picture the middle.
      const height = Math.min(video.videoHeight, (width * 9) / 16);
      const top = (video.videoHeight - height) / 2;
      const cells = strip.cells * 3;
      const stripTop = top + ((strip.top + strip.bottom) / 2) * height - 1;
      canvasContext.drawImage(video, 0, stripTop, width, 2, 0, 0, cells, 1);
      const flashHeight = (flashArea.bottom - flashArea.top) * 0.6 * height;
      const flashTop = top + (flashArea.top + (flashArea.bottom - flashArea.top) * 0.2) * height;
      canvasContext.drawImage(video, width * 0.2, flashTop, width * 0.6, flashHeight, cells, 0, 1, 1);
      const { data } = canvasContext.getImageData(0, 0, cells + 1, 1);
      const levels = Array.from({ length: strip.cells }, (_, cell) => data[(cell * 3 + 1) * 4 + 1]!);
      const flash = (data[cells * 4]! + data[cells * 4 + 1]! + data[cells * 4 + 2]!) / 3;
      log.pictures.push({ trackId, atMs: expectedDisplayTime, strip: levels, flash });
    };
    video.requestVideoFrameCallback(look);
  }

  function listenTo(audio: HTMLMediaElement, trackId: string): void {
    const source = context.createMediaElementSource(audio);
    source.connect(context.destination);
    void ready.then(() => {
      const meter = new AudioWorkletNode(context, 'tone-meter', { processorOptions: { hz: tones[trackId] } });
      meter.port.onmessage = ({ data }: MessageEvent<{ contextMs: number; levels: number[] }>) =>
        log.sounds.push({ trackId, ...data });
      source.connect(meter);
    });
  }
}

/** Measures like `beepStarts`: windows of 10 ms, every 2 ms. Each message's first level is that of the window around `contextMs`. */
export const toneWorklet = `
registerProcessor('tone-meter', class extends AudioWorkletProcessor {
  constructor({ processorOptions: { hz } }) {
    super();
    this.coefficient = 2 * Math.cos((2 * Math.PI * hz) / sampleRate);
    this.window = sampleRate / 100;
    this.step = sampleRate / 500;
    this.held = new Float32Array(this.window);
    this.since = 0;
    this.levels = [];
  }
  process([input]) {
    for (let index = 0; index < 128; index++) {
      this.held.copyWithin(0, 1);
      this.held[this.window - 1] = input.length ? input[0][index] : 0;
      if (++this.since < this.step) continue;
      this.since = 0;
      if (this.levels.length === 0) this.contextMs = ((currentFrame + index + 1 - this.window / 2) / sampleRate) * 1000;
      this.levels.push(Math.round(this.level()));
      if (this.levels.length < 100) continue;
      this.port.postMessage({ contextMs: this.contextMs, levels: this.levels });
      this.levels = [];
    }
    return true;
  }
  level() {
    let before = 0;
    let last = 0;
    for (const sample of this.held) [before, last] = [last, sample * 32768 + this.coefficient * last - before];
    const energy = last * last + before * before - this.coefficient * last * before;
    return (2 * Math.sqrt(Math.max(0, energy))) / this.window;
  }
});
`;
