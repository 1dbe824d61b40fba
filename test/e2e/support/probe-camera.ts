import type { Participant } from '../../../scripts/demo/participant.ts';
import { readStrip, strip } from '../../content/signal.ts';

/** A frame that a participant's own page showed, and when its camera captured it. */
export type CapturedFrame = { epochMs: number; frameNumber: number };

/** Looks at the next `count` frames of a participant's own camera, in that participant's page. */
export async function probeCamera(participant: Participant, count: number): Promise<CapturedFrame[]> {
  const seen = await participant.page.evaluate(
    async ({ cells, top, bottom, frames }) => {
      const trackId = rushesMeeting!.readView().ownTracks.camera!;
      const video = document.querySelector<HTMLVideoElement>(`video[data-rushes-track="${trackId}"]`)!;
      const canvas = new OffscreenCanvas(640, 360);
      const context = canvas.getContext('2d', { willReadFrequently: true })!;
      const found: { epochMs: number; brightness: number[] }[] = [];
      while (found.length < frames) {
        const metadata = await new Promise<VideoFrameCallbackMetadata>((resolve) =>
          video.requestVideoFrameCallback((_now, facts) => resolve(facts)),
        );
        context.drawImage(video, 0, 0, canvas.width, canvas.height);
        const y = Math.round(((top + bottom) / 2) * canvas.height);
        const { data } = context.getImageData(0, y, canvas.width, 1);
        const brightness = Array.from({ length: cells }, (_, cell) => {
          const offset = Math.floor(((cell + 0.5) * canvas.width) / cells) * 4;
          return data[offset]!;
        });
        found.push({
          epochMs: performance.timeOrigin + (metadata.captureTime ?? metadata.presentationTime),
          brightness,
        });
      }
      return found;
    },
    { ...strip, frames: count },
  );
  return seen.flatMap(({ epochMs, brightness }) => {
    const frameNumber = readStrip(brightness);
    return frameNumber === undefined ? [] : [{ epochMs, frameNumber }];
  });
}
