import { expect, it } from 'vitest';
import { behindAt, cameraMoments, type SeenFrame } from './camera-log.ts';
import { isCellWhite, signal, strip } from './signal.ts';

const beganAt = 1_000_000;
const heard = { beepsMs: Array.from({ length: 10 }, (_, second) => second * 1000 + 40), toEpochMs: beganAt };

/** A camera that begins at `beganAt`, and is late by `lateMs` from its two-hundredth picture on. */
function seen(lateMs: number): SeenFrame[] {
  return Array.from({ length: 50 }, (_, look) => {
    const frame = look * 6;
    const brightness = Array.from({ length: strip.cells }, (_, cell) => (isCellWhite(frame, cell) ? 255 : 0));
    return { opening: 0, epochMs: beganAt + (frame * 1000) / signal.fps + (frame >= 200 ? lateMs : 0), brightness };
  });
}

it('knows how far a camera is behind its microphone from the flashes and beeps that the page got', () => {
  const moments = cameraMoments(seen(30), heard);
  expect(behindAt(moments, beganAt + 3000)).toBeCloseTo(-40);
  expect(behindAt(moments, beganAt + 9000)).toBeCloseTo(-10);
});

it('knows that nobody knows while a camera falls behind', () => {
  const moments = cameraMoments(seen(300), heard);
  const stoppedAt = beganAt + (200 * 1000) / signal.fps;
  expect(behindAt(moments, stoppedAt)).toBeUndefined();
  expect(behindAt(moments, stoppedAt - 500)).toBeCloseTo(-40);
  expect(behindAt(moments, stoppedAt + 1000)).toBeCloseTo(260);
});

it('takes nothing out where nothing was noted', () => {
  expect(behindAt([], beganAt)).toBe(0);
  expect(behindAt(cameraMoments(seen(300), undefined), beganAt + 9000)).toBe(0);
});
