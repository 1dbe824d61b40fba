/** Lengths are in units: 1 at a stage of 1280 × 720. Nothing moves by itself: what is shown depends on `atMs` alone. */
export const roomCss = `
.rushes-room {
  position: absolute; inset: 0; overflow: hidden; color: #f3f5f8; background: #0e1116;
  font-family: "DejaVu Sans", "Noto Sans", "Noto Color Emoji", sans-serif; font-size: calc(15px * var(--unit)); line-height: 1.35;
  text-align: left; letter-spacing: 0; user-select: none;
}
.rushes-room *, .rushes-room *::before, .rushes-room *::after { box-sizing: border-box; animation: none !important; transition: none !important; }
.rushes-tile { position: absolute; overflow: hidden; border-radius: calc(12px * var(--unit)); background: #1b2029; }
.rushes-tile.screen { background: #000; }
.rushes-avatar {
  position: absolute; left: 50%; top: 50%; height: 46%; aspect-ratio: 1; transform: translate(-50%, -50%); border-radius: 50%;
  display: flex; align-items: center; justify-content: center; color: #fff; font-weight: bold; container-type: size;
  background: hsl(var(--hue) 42% 38%);
}
.rushes-avatar > span { font-size: 38cqh; }
.rushes-slot { position: absolute; inset: 0; }
.rushes-ring { position: absolute; inset: 0; border-radius: inherit; border: calc(3px * var(--unit)) solid transparent; }
.rushes-tile.speaking .rushes-ring { border-color: #3ddc84; }
.rushes-label {
  position: absolute; left: calc(10px * var(--unit)); bottom: calc(10px * var(--unit)); max-width: calc(100% - 20px * var(--unit));
  display: flex; align-items: center; gap: calc(6px * var(--unit)); padding: calc(3px * var(--unit)) calc(9px * var(--unit));
  border-radius: calc(7px * var(--unit)); background: rgb(8 10 14 / 66%); font-size: calc(14px * var(--unit)); white-space: nowrap;
}
.rushes-label > span { overflow: hidden; text-overflow: ellipsis; }
.rushes-muted { flex: none; width: calc(15px * var(--unit)); height: calc(15px * var(--unit)); color: #ff8a8a; }
.rushes-hand, .rushes-reactions { position: absolute; font-size: calc(24px * var(--unit)); line-height: 1; }
.rushes-hand {
  right: calc(10px * var(--unit)); top: calc(10px * var(--unit)); padding: calc(7px * var(--unit)); border-radius: calc(10px * var(--unit));
  background: rgb(8 10 14 / 66%);
}
.rushes-reactions { right: calc(12px * var(--unit)); bottom: calc(12px * var(--unit)); font-size: calc(34px * var(--unit)); }
.rushes-captions {
  position: absolute; display: flex; flex-direction: column; justify-content: flex-end; align-items: center;
  gap: calc(4px * var(--unit)); padding-bottom: calc(14px * var(--unit)); pointer-events: none;
}
.rushes-caption {
  max-width: 80%; padding: calc(5px * var(--unit)) calc(12px * var(--unit)); border-radius: calc(8px * var(--unit));
  background: rgb(0 0 0 / 78%); font-size: calc(18px * var(--unit));
}
.rushes-caption b { color: #9fc5ff; font-weight: bold; }
.rushes-panel { position: absolute; display: flex; flex-direction: column; gap: calc(12px * var(--unit)); }
.rushes-card { border-radius: calc(12px * var(--unit)); background: #171b22; padding: calc(12px * var(--unit)); overflow: hidden; flex: none; }
.rushes-card-title {
  font-size: calc(12px * var(--unit)); font-weight: bold; color: #93a0b4; margin-bottom: calc(8px * var(--unit));
}
.rushes-board { display: block; width: 100%; border-radius: calc(8px * var(--unit)); background: #fff; }
.rushes-chat { flex: 1 1 0; min-height: 0; display: flex; flex-direction: column; }
.rushes-chat-lines { flex: 1; min-height: 0; display: flex; flex-direction: column; justify-content: flex-end; overflow: hidden; gap: calc(8px * var(--unit)); }
.rushes-chat-line { overflow-wrap: anywhere; flex: none; font-size: calc(14px * var(--unit)); }
.rushes-chat-line b { display: block; font-size: calc(12px * var(--unit)); color: hsl(var(--hue) 70% 74%); }
.rushes-poll-question { font-weight: bold; margin-bottom: calc(8px * var(--unit)); overflow-wrap: anywhere; }
.rushes-option { position: relative; margin-top: calc(6px * var(--unit)); padding: calc(5px * var(--unit)) calc(9px * var(--unit)); border-radius: calc(7px * var(--unit)); background: #242b36; overflow: hidden; }
.rushes-option-bar { position: absolute; left: 0; top: 0; bottom: 0; background: #2f5fa8; }
.rushes-option-text { position: relative; display: flex; justify-content: space-between; gap: calc(10px * var(--unit)); }
.rushes-empty { color: #67748a; font-size: calc(13px * var(--unit)); }
`;
