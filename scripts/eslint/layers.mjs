/**
 * Who may import whom (docs: CONTRIBUTING.md, "Layers"). A lib that is not listed may be imported by nobody and
 * imports nothing, so a new lib has to take its place here.
 */
const anyRuntime = ['timeline', 'whiteboard'];
const nodeLibs = ['event-log', 'object-store', 'database', 'media', 'render'];
const nestImports = [...anyRuntime, ...nodeLibs, 'platform'];

/** Which other libs each lib may import. Apps, tests and scripts may import any. */
export const allowedImports = {
  // L0, any runtime
  timeline: [],
  whiteboard: ['timeline'],
  // L1, browser
  capture: anyRuntime,
  player: anyRuntime,
  // L1, Node
  'event-log': [...anyRuntime, 'database'],
  'object-store': anyRuntime,
  database: anyRuntime,
  media: anyRuntime,
  render: [...anyRuntime, 'media'],
  // L2, Nest modules
  platform: [...anyRuntime, ...nodeLibs],
  ingest: nestImports,
  rooms: nestImports,
  recorder: nestImports,
  'timeline-writer': nestImports,
  recordings: nestImports,
  exports: nestImports,
  imports: nestImports,
  analytics: nestImports,
};

/** The packages an L0 lib may use: what runs in any runtime. */
export const packagesOfAnyRuntime = ['zod', 'fflate'];

/** Libs of L0: see {@link packagesOfAnyRuntime}. */
export const librariesOfAnyRuntime = anyRuntime;
