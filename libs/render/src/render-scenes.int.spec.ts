import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFrames, type Picture } from '../../../test/content/read-video.ts';
import { bundle } from './browser/stage-bundle.ts';
import type { RgbPicture } from './plates/decode-png.ts';
import { StagePage } from './plates/stage-page.ts';
import { renderExport } from './render-export.ts';
import type { RenderResult } from './render-result.ts';
import { folderObjects } from './testing/folder-objects.ts';
import { sceneMs, sceneScript, writeSceneRecording } from './testing/scene-recording.ts';

const size = { width: 640, height: 360 };
const fps = 30;
const colors: Record<string, string> = {
  a: 'rgb(200,60,40)',
  b: 'rgb(40,160,90)',
  c: 'rgb(60,80,190)',
  d: 'rgb(190,180,60)',
  e: 'rgb(160,60,180)',
};

const tile = (track: string, style: string, inside = '') =>
  `<div data-rushes-track="${track}" style="position:absolute;width:320px;height:180px;${style}">${inside}</div>`;
const box = (style: string, text = '') =>
  `<div style="position:absolute;font:20px sans-serif;color:#fff;${style}">${text}</div>`;

const scenes = {
  'no tile at all': box('left:40px;top:40px', 'Nobody shows a picture'),
  'round corners, a shadow and a translucent label':
    tile('a', 'left:41px;top:31px;border-radius:40px;box-shadow:0 0 30px #fff') +
    box('left:60px;top:160px;padding:8px;background:rgb(10 20 200/50%)', 'Ada Lovelace'),
  'a tile half faded': tile('b', 'left:100px;top:100px;opacity:.5'),
  'a round picture in a picture, a label over both':
    tile('a', 'left:20px;top:20px') +
    tile('b', 'left:200px;top:100px;border-radius:60px') +
    box('left:180px;top:120px;padding:12px;background:rgb(255 255 255/30%)', 'both'),
  'five tiles, each over the one before': 'abcde'
    .split('')
    .map((track, n) =>
      tile(track, `left:${20 + n * 60}px;top:${10 + n * 36}px;border-radius:30px;opacity:${1 - n * 0.1}`),
    )
    .join(''),
  'a filter that looks at what is behind it':
    tile('a', 'left:20px;top:20px') +
    tile('b', 'left:340px;top:20px;width:280px') +
    box('left:240px;top:60px;width:200px;height:100px;backdrop-filter:blur(12px)'),
  'a blend with the picture below':
    tile('c', 'left:20px;top:20px') +
    box('left:100px;top:60px;width:200px;height:100px;background:#f80;mix-blend-mode:difference'),
  'a tile turned by 30 degrees': tile('d', 'left:120px;top:80px;transform:rotate(30deg)'),
  'a picture of 720 lines, whose file does not say its colours either': tile('wide', 'left:100px;top:50px'),
  'a picture in a mirror': tile('half', 'left:100px;top:50px;transform:scaleX(-1)'),
};
const names = Object.keys(scenes) as (keyof typeof scenes)[];
const compared = names.slice(0, -1);

let folder: string;
let result: RenderResult;
const shown: Picture[] = [];
const reference: RgbPicture[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-scenes-'));
  const tracks = Object.entries(colors).map(([trackId, color]) => {
    const hex = color
      .match(/\d+/g)!
      .map((part) => Number(part).toString(16).padStart(2, '0'))
      .join('');
    return { trackId, source: `color=c=0x${hex}:s=320x180:r=30` };
  });
  const wide = { trackId: 'wide', source: 'color=c=0x008800:s=1280x720:r=30', size: { width: 1280, height: 720 } };
  const half = {
    trackId: 'half',
    source: 'color=c=white:s=320x180:r=30,drawbox=x=0:y=0:w=160:h=180:color=black:t=fill',
  };
  await writeSceneRecording(folder, { scenes: names.length, tracks: [...tracks, wide, half] });
  const script = await bundle(sceneScript(Object.values(scenes)));
  const objects = folderObjects(folder);
  const outputFile = join(folder, 'out.mp4');
  const request = { perspective: 'room', layout: 'grid', ...size, fps } as const;
  result = await renderExport({ objects, request, workFolder: join(folder, 'work'), outputFile, stageScript: script });
  for await (const { data, ...rest } of readFrames(outputFile, { ...size, pixelFormat: 'rgb24' }))
    shown.push({ ...rest, data: Buffer.from(data) });

  // What Chromium itself paints when the tiles have the tracks' colours.
  const page = await StagePage.open({ objects, script, stage: { ...request }, refused: [] });
  try {
    for (const [n] of names.entries()) {
      await page.step(n * sceneMs, { ...colors, wide: '#008800' });
      await page.draw(n * sceneMs + 1);
      reference.push(await page.shoot());
    }
  } finally {
    await page.close();
  }
});
afterAll(() => rm(folder, { recursive: true }));

/**
 * Levels between the MP4 and what Chromium paints: the mean of the worst channel, and what 99 % of the pixels stay below in
 * brightness. (Colour has half the resolution in the file, so at sharp edges it cannot be the same.)
 */
function difference(scene: number): { mean: number; p99: number } {
  const frame = shown[Math.round(((scene + 0.6) * sceneMs * fps) / 1000)]!.data;
  const wanted = reference[scene]!.data;
  const counts = new Array<number>(256).fill(0);
  let sum = 0;
  for (let at = 0; at < wanted.length; at += 3) {
    const [red, green, blue] = [0, 1, 2].map((channel) => frame[at + channel]! - wanted[at + channel]!) as [
      number,
      number,
      number,
    ];
    sum += Math.max(Math.abs(red), Math.abs(green), Math.abs(blue));
    counts[Math.round(Math.abs(red * 0.2126 + green * 0.7152 + blue * 0.0722))]!++;
  }
  const pixels = size.width * size.height;
  let seen = 0;
  const p99 = counts.findIndex((count) => (seen += count) >= 0.99 * pixels);
  return { mean: sum / pixels, p99 };
}

describe('a page with pictures in it', () => {
  it.each(compared.map((name, index) => [name, index] as const))(
    'looks in the MP4 as Chromium paints it: %s',
    (_, index) => {
      const { mean, p99 } = difference(index);
      expect(mean).toBeLessThan(2.5);
      expect(p99).toBeLessThanOrEqual(6);
    },
  );

  it('shows a mirrored picture mirrored', () => {
    const { data } = shown[Math.round((names.length - 0.4) * sceneMs * fps * 0.001)]!;
    const levelAt = (x: number) => data[(140 * size.width + x) * 3]!;
    expect(levelAt(160)).toBeGreaterThan(200);
    expect(levelAt(360)).toBeLessThan(50);
  });

  it('has frames painted by the browser only where plates cannot show the page, and says so', () => {
    expect(result.picture.injectedFrames).toBe((3 * sceneMs * fps) / 1000);
    expect(result.warnings.join()).toMatch(/backdrop-filter over a tile/);
    expect(result.warnings.join()).toMatch(/mix-blend-mode over a tile/);
    expect(result.warnings.join()).toMatch(/rotated/);
  });
});
