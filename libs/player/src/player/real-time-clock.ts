import type { Clock } from '../types.ts';

/** Real time, for the viewer: frames as the window paints them. */
export function realTimeClock(view: Window): Clock {
  return {
    nowMs: () => view.performance.now(),
    onNextFrame: (callback) => {
      const handle = view.requestAnimationFrame(() => callback());
      return () => view.cancelAnimationFrame(handle);
    },
  };
}
