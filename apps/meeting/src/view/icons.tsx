import type { JSX } from 'preact';

/** Paths on a 24 × 24 grid, drawn in the text's colour. */
const paths = {
  microphone: 'M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3Zm-6-3a6 6 0 0 0 12 0M12 18v3',
  microphoneOff:
    'M15 9.5V6a3 3 0 0 0-5.9-.8M9 9v3a3 3 0 0 0 4.5 2.6M6 12a6 6 0 0 0 9.3 5M18 12c0 .8-.2 1.6-.5 2.3M12 18v3M4 4l16 16',
  camera: 'M4 7h10a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1Zm11 4 6-3v8l-6-3',
  cameraOff: 'M10 7h4a1 1 0 0 1 1 1v4m0 2v2a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1h2m9 4 6-3v8l-4-2M3 3l18 18',
  screen: 'M4 5h16v11H4zM9 20h6M12 16v4M12 13V8m-2.5 2.5L12 8l2.5 2.5',
  hand: 'M8 13V6a1.5 1.5 0 0 1 3 0v5-7a1.5 1.5 0 0 1 3 0v7-5a1.5 1.5 0 0 1 3 0v9a6 6 0 0 1-6 6c-3 0-4.5-1.5-6-4l-2-3.5c-.6-1.3 1.2-2.3 2.2-1.2L8 14',
  smile: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.5a4.5 4.5 0 0 0 7 0M9 9.5v.1M15 9.5v.1',
  board: 'M4 20l1-4L16 5l3 3L8 19l-4 1Zm10-13 3 3M12 20h8',
  chat: 'M4 5h16v11H10l-4 4v-4H4z',
  poll: 'M5 20V11M12 20V4M19 20v-6',
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6 9a6 6 0 0 1 12 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5a6 6 0 0 1 3 5.5',
  invite: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6 9a6 6 0 0 1 12 0M18 8v6M15 11h6',
  record: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16Zm0-4.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z',
  leave: 'M3 14c5-5 13-5 18 0l-2.5 2.5-4-1.5v-2.5a10 10 0 0 0-5 0V15l-4 1.5z',
  close: 'M6 6l12 12M18 6 6 18',
  send: 'M4 12 20 4l-5 16-3.5-6.5z',
  undo: 'M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  mark: 'M6 4h12v16l-6-4-6 4z',
} as const;
export type IconName = keyof typeof paths;

/** Decoration only: the control around it carries the name. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
