export const elementCss = `
:host { display: block; position: relative; aspect-ratio: 16 / 9; background: #0e1116; overflow: hidden; contain: strict; }
:host([hidden]) { display: none; }
.stage { position: absolute; inset: 0; overflow: hidden; }
`;
