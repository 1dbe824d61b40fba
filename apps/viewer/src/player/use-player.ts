import { useEffect, useState } from 'preact/hooks';
import type { Manifest, RoomState } from '@rushes/timeline';
import type { PlayerError, RushesPlayer } from '@rushes/player';

/** What the page shows of the player, as it changes. */
export type PlayerView = {
  manifest: Manifest | undefined;
  /** At the playing instant. */
  now: RoomState | undefined;
  /** At the end: everything that was said, asked and drawn. */
  whole: RoomState | undefined;
  currentMs: number;
  error: PlayerError | undefined;
};

const nothing: PlayerView = { manifest: undefined, now: undefined, whole: undefined, currentMs: 0, error: undefined };

export function usePlayer(player: RushesPlayer | null): PlayerView {
  const [view, setView] = useState(nothing);
  useEffect(() => {
    if (!player) return;
    const change = (part: Partial<PlayerView>) => setView((before) => ({ ...before, ...part }));
    const read = () => change({ now: player.roomState, currentMs: player.currentTime * 1000 });
    const readLength = () => {
      change({ manifest: player.manifest, error: undefined });
      // The list of what is to come is a help; without it the panels show what has been.
      player.stateAt(player.duration).then(
        (whole) => change({ whole }),
        () => undefined,
      );
    };
    const readError = () => change({ error: player.error ?? undefined });
    const listeners: [string, () => void][] = [
      ['durationchange', readLength],
      ['statechange', read],
      ['timeupdate', read],
      ['seeking', read],
      ['error', readError],
      ['playrefused', readError],
      ['playing', () => change({ error: undefined })],
    ];
    for (const [name, listener] of listeners) player.addEventListener(name, listener);
    // It may have loaded, or failed, before anybody listened.
    if (player.error) readError();
    if (player.manifest) {
      readLength();
      read();
    }
    return () => {
      for (const [name, listener] of listeners) player.removeEventListener(name, listener);
    };
  }, [player]);
  return view;
}
