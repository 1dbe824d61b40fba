import { useEffect, useLayoutEffect, useState, type MutableRef } from 'preact/hooks';
import type { Store } from '../meeting/store.ts';

/** The store's value; draws anew when it is replaced. */
export function useStore<T extends object>(store: Store<T>): T {
  const [value, setValue] = useState(store.get());
  useEffect(() => {
    setValue(store.get());
    return store.subscribe(() => setValue(store.get()));
  }, [store]);
  return value;
}

/** Plays `track` in the element; nothing while there is none. An element that is gone lets go of its track. */
export function usePicture(ref: MutableRef<HTMLVideoElement | null>, track: MediaStreamTrack | null): void {
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    element.srcObject = track && new MediaStream([track]);
    // Muted videos may always play; a picture that is replaced meanwhile rejects, which is fine.
    if (track) element.play().catch(() => undefined);
    return () => {
      element.srcObject = null;
    };
  }, [track]);
}

/** The element's content size in CSS pixels; zero until it is laid out. */
export function useSize(ref: MutableRef<HTMLElement | null>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: Math.floor(entry.contentRect.width), height: Math.floor(entry.contentRect.height) });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return size;
}
