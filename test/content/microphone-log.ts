/** The beeps of a fake microphone as a page got them, as {@link watchMicrophone} notes them. */
export type HeardBeeps = {
  /** Captures' own clock, milliseconds. */
  beepsMs: number[];
  /** What is to be added to have epoch milliseconds; the least that was seen, for sound is told of late, never early. */
  toEpochMs: number;
};

declare global {
  var rushesMicrophoneLog: HeardBeeps | undefined;
}

/**
 * For `evaluateOnNewDocument`: notes when each beep of the page's microphone was captured. On a machine that is busy for long,
 * Chromium's fake microphone falls behind its file too.
 * Runs in the page: uses nothing from outside.
 */
export function watchMicrophone(): void {
  const log: HeardBeeps = (globalThis.rushesMicrophoneLog = { beepsMs: [], toEpochMs: Infinity });
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) return;
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (constraints) => {
    const stream = await open(constraints);
    const [track] = stream.getAudioTracks();
    if (track) void listen(track);
    return stream;
  };

  async function listen(original: MediaStreamTrack): Promise<void> {
    // Its own mute is not the page's.
    const track = original.clone() as MediaStreamAudioTrack;
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    const loud = 0.1;
    const quietMs = 300;
    let quietSinceMs = -Infinity;
    while (original.readyState === 'live') {
      const { value: sound } = await reader.read();
      if (!sound) break;
      const startMs = sound.timestamp / 1000;
      log.toEpochMs = Math.min(log.toEpochMs, performance.timeOrigin + performance.now() - startMs);
      const samples = new Float32Array(sound.numberOfFrames);
      sound.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
      const first = samples.findIndex((sample) => Math.abs(sample) > loud);
      if (first >= 0) {
        const atMs = startMs + (first / sound.sampleRate) * 1000;
        if (atMs - quietSinceMs > quietMs) log.beepsMs.push(atMs);
        quietSinceMs = startMs;
      }
      sound.close();
    }
    track.stop();
  }
}

/** Of so many beeps the middle is where a microphone begins. */
const firstBeeps = 5;

/** How far a microphone is behind its file, since it was opened: instants in epoch milliseconds, in order. */
export type MicrophoneMoment = { epochMs: number; behindMs: number };

/** Reads a page's log. `openedAtMs`: epoch milliseconds at which the page opened its devices, each time anew. */
export function microphoneMoments(log: HeardBeeps | undefined, openedAtMs: readonly number[]): MicrophoneMoment[] {
  if (!log) return [];
  const beeps = log.beepsMs.map((ms) => ms + log.toEpochMs);
  return openedAtMs.flatMap((fromMs, opening) => {
    const untilMs = openedAtMs[opening + 1] ?? Infinity;
    const [first, ...others] = beeps.filter((ms) => ms >= fromMs && ms < untilMs);
    if (first === undefined) return [];
    const moments = [{ epochMs: first, behindMs: 0 }];
    for (const epochMs of others) {
      const before = moments.at(-1)!;
      // There is one each second; a busy page may have missed some.
      const sinceMs = epochMs - before.epochMs;
      moments.push({ epochMs, behindMs: before.behindMs + sinceMs - Math.round(sinceMs / 1000) * 1000 });
    }
    const start = moments
      .slice(0, firstBeeps)
      .map(({ behindMs }) => behindMs)
      .sort((a, b) => a - b);
    return moments.map((moment) => ({ ...moment, behindMs: moment.behindMs - start[start.length >> 1]! }));
  });
}
