import { useEffect, useRef } from 'preact/hooks';
import type { RefObject } from 'preact';

/** Keeps the element marked `aria-current` in view, by scrolling the list alone and never the page. */
export function useFollow<E extends HTMLElement>(currentKey: string | undefined): RefObject<E> {
  const list = useRef<E>(null);
  useEffect(() => {
    const box = list.current;
    const current = box?.querySelector<HTMLElement>('[aria-current]');
    if (!box || !current) return;
    const top = current.offsetTop - box.offsetTop;
    if (top < box.scrollTop || top + current.offsetHeight > box.scrollTop + box.clientHeight) {
      box.scrollTop = top - box.clientHeight / 2;
    }
  }, [currentKey]);
  return list;
}
