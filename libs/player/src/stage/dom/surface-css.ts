/** The frame around a replayed page. rrweb's own sheet animates the pointer; here everything depends on `atMs` alone. */
export const surfaceCss = `
.rushes-surfaces { position: absolute; inset: 0; overflow: hidden; background: #000; }
.rushes-surface { position: absolute; left: 0; top: 0; transform-origin: 0 0; }
.rushes-surface.waiting { visibility: hidden; }
.rushes-surface .replayer-wrapper { position: relative; }
.rushes-surface iframe { display: block; border: 0; background: #fff; pointer-events: none; }
.rushes-surface .replayer-mouse {
  position: absolute; z-index: 1; width: 20px; height: 20px; margin: -1px 0 0 -1px; background-repeat: no-repeat; background-size: contain;
  background-image: url('data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"%3E%3Cpath d="M2 1v14.5l3.9-3.6 2.5 5.8 2.7-1.2-2.5-5.6h5.2z" fill="%23111" stroke="%23fff" stroke-width="1.4" stroke-linejoin="round"/%3E%3C/svg%3E');
}
.rushes-surface .replayer-mouse:not([style*="left"]), .rushes-surface .replayer-mouse.touch-device { display: none; }
`;

/** Goes into the replayed document. */
export const replayedStyleRules: readonly string[] = [
  // Seeking would leave animations at any point; the recording's own changes are all that moves.
  '*, *::before, *::after { animation: none !important; transition: none !important; caret-color: transparent !important; scroll-behavior: auto !important; }',
  'video::-webkit-media-controls { display: none !important; }',
  'html { scrollbar-width: none; }',
];

/** On the element that holds a track's picture. Important, as the page's own rules for `video` or `div` reach it too. */
export const pictureStyle =
  'all: initial !important; position: absolute !important; inset: 0 !important; display: block !important; width: 100% !important; ' +
  'height: 100% !important; border-radius: inherit !important; pointer-events: none !important; ';
