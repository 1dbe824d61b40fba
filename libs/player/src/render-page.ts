import { whiteboardPlugin } from '@rushes/whiteboard';
import { HttpRecordingSource } from './source/http-recording-source.ts';
import { FillContents } from './stage/fill-contents.ts';
import { Stage } from './stage/stage.ts';
import type { RenderPage } from './types.ts';

/**
 * Makes the page what the renderer drives: one stage with flat tiles in the top left corner, without margins, at the
 * size that `load` gives. Nothing here waits for frames or timers, so that a browser whose frames are begun by hand
 * gets through it.
 */
export function createRenderPage(document: Document): RenderPage {
  const contents = new FillContents();
  let stage: Stage | undefined;
  const loaded = () => {
    if (!stage) throw new Error('rushesStage: load() has not been called');
    return stage;
  };
  return {
    async load({ manifestUrl, perspective, layout, width, height }) {
      stage?.destroy();
      const source = new HttpRecordingSource({ manifestUrl: new URL(manifestUrl, document.baseURI).href });
      const manifest = await source.loadManifest();
      const root = document.createElement('div');
      root.style.cssText = `position: fixed; left: 0; top: 0; width: ${width}px; height: ${height}px; overflow: hidden`;
      document.body.replaceChildren(root);
      document.body.style.cssText = 'margin: 0; overflow: hidden; background: #000';
      const plugins = [whiteboardPlugin];
      stage = new Stage(manifest, contents, { source, root, perspective, layout, plugins, size: { width, height } });
    },
    async showAt(atMs) {
      const current = loaded();
      if (!current.show(atMs)) {
        await current.prepare(atMs);
        current.show(atMs);
      }
      await current.whenPainted();
      return { tiles: current.tiles() };
    },
    fillTiles(colors) {
      contents.setColors(colors);
    },
  };
}

// Where the renderer finds it.
Object.assign(globalThis, { rushesStage: createRenderPage(document) });
