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

/** When each beep was captured, epoch milliseconds. */
export function beepEpochs(log: HeardBeeps | undefined): number[] {
  return log?.beepsMs.map((ms) => ms + log.toEpochMs) ?? [];
}
