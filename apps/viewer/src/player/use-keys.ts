import { useEffect } from 'preact/hooks';
import type { RushesPlayer } from '@rushes/player';

/** What has a use of its own for letters, arrows or the space bar. The controls around the player handle theirs themselves. */
const busyElements = 'input, textarea, select, button, a, [contenteditable], [role="tab"], dialog, media-controller';
const stepSeconds = 10;

/** Plays, pauses and moves the player by keys pressed anywhere on the page where they mean nothing else. */
export function useKeys(player: RushesPlayer | null): void {
  useEffect(() => {
    if (!player) return;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const isBusy = event.target instanceof Element && event.target.closest(busyElements) !== null;
      const isEdge = event.key === 'Home' || event.key === 'End';
      // The controls know neither end of the recording; the sliders among them do.
      const isOnControls = event.target instanceof Element && /^media-(?!.*range)/.test(event.target.localName);
      if (isBusy && !(isEdge && isOnControls)) return;
      if (!actOn(event.key, player)) return;
      event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [player]);
}

/** @returns whether the key means something */
function actOn(key: string, player: RushesPlayer): boolean {
  const moveTo = (seconds: number) => {
    if (player.readyState > 0) player.currentTime = Math.min(player.duration, Math.max(0, seconds));
  };
  switch (key) {
    case ' ':
    case 'k':
      togglePlaying(player);
      return true;
    case 'm':
      player.muted = !player.muted;
      return true;
    case 'ArrowLeft':
      moveTo(player.currentTime - stepSeconds);
      return true;
    case 'ArrowRight':
      moveTo(player.currentTime + stepSeconds);
      return true;
    case 'Home':
      moveTo(0);
      return true;
    case 'End':
      moveTo(player.duration);
      return true;
    default:
      return false;
  }
}

/** A refusal is shown by the page, which hears of it from the player. */
export function togglePlaying(player: RushesPlayer): void {
  if (player.paused) player.play().catch(() => undefined);
  else player.pause();
}
