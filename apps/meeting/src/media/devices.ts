export type DeviceProblem = 'missing' | 'blocked' | 'busy';
export type DeviceKind = 'camera' | 'microphone';

export type Devices = {
  camera: MediaStreamTrack | null;
  microphone: MediaStreamTrack | null;
  /** Why a device is not there; null when it is. */
  problems: Record<DeviceKind, DeviceProblem | null>;
};

export type DeviceOptions = { isOriginalSound: boolean };

const cameraConstraints: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30, max: 30 },
};

function microphoneConstraints({ isOriginalSound }: DeviceOptions): MediaTrackConstraints {
  const processing = !isOriginalSound;
  return { echoCancellation: processing, noiseSuppression: processing, autoGainControl: processing };
}

/**
 * Opens camera and microphone in one request, so that people are asked once and both start together. When that fails,
 * whichever of the two there is; with none, both problems. Never throws.
 */
export async function openDevices(options: DeviceOptions): Promise<Devices> {
  const video = cameraConstraints;
  const audio = microphoneConstraints(options);
  const both = await request({ audio, video });
  if (both instanceof MediaStream) return fromStreams(both, both, {});
  if (both === 'blocked') return fromStreams(null, null, { camera: both, microphone: both });
  const microphone = await request({ audio });
  const camera = await request({ video });
  return fromStreams(
    camera instanceof MediaStream ? camera : null,
    microphone instanceof MediaStream ? microphone : null,
    {
      ...(camera instanceof MediaStream ? {} : { camera }),
      ...(microphone instanceof MediaStream ? {} : { microphone }),
    },
  );
}

/** Tries one device again: it was plugged in, or allowed, since. Never throws. */
export async function openDevice(kind: DeviceKind, options: DeviceOptions): Promise<MediaStreamTrack | DeviceProblem> {
  const stream = await request(
    kind === 'camera' ? { video: cameraConstraints } : { audio: microphoneConstraints(options) },
  );
  return stream instanceof MediaStream ? (stream.getTracks()[0] ?? 'missing') : stream;
}

export function closeDevices(devices: Pick<Devices, DeviceKind>): void {
  devices.camera?.stop();
  devices.microphone?.stop();
}

/** Asks the user for a screen, window or tab; null when they changed their mind. */
export async function openScreen({
  hasScreenSound,
}: {
  hasScreenSound: boolean;
}): Promise<{ video: MediaStreamTrack; audio: MediaStreamTrack | null } | null> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { ideal: 30, max: 30 } },
      audio: hasScreenSound,
    });
    const video = stream.getVideoTracks()[0];
    if (!video) return null;
    // Sharp text matters more than smooth motion.
    video.contentHint = 'detail';
    return { video, audio: stream.getAudioTracks()[0] ?? null };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotAllowedError') return null;
    throw error;
  }
}

async function request(constraints: MediaStreamConstraints): Promise<MediaStream | DeviceProblem> {
  try {
    // Undefined on pages that are not served securely.
    const mediaDevices = navigator.mediaDevices as MediaDevices | undefined;
    return (await mediaDevices?.getUserMedia(constraints)) ?? 'blocked';
  } catch (error) {
    return problemOf(error);
  }
}

function problemOf(error: unknown): DeviceProblem {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'blocked';
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy';
  return 'missing';
}

function fromStreams(
  camera: MediaStream | null,
  microphone: MediaStream | null,
  problems: Partial<Record<DeviceKind, DeviceProblem>>,
): Devices {
  return {
    camera: camera?.getVideoTracks()[0] ?? null,
    microphone: microphone?.getAudioTracks()[0] ?? null,
    problems: { camera: problems.camera ?? null, microphone: problems.microphone ?? null },
  };
}
