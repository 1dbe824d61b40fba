import type { RecordingObjects } from '../recording-objects.ts';

/** A name that no resolver knows: what is not answered here goes nowhere. */
export const stageOrigin = 'https://stage.rushes.invalid';
export const manifestUrl = `${stageOrigin}/recording/manifest.json`;

/** What the page may load. Scripts only from the bundle; the replayed page's own styles and images from the recording. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline' data: blob:",
  "img-src 'self' data: blob:",
  "font-src 'self' data: blob:",
  "media-src 'self' data: blob:",
  "connect-src 'self'",
  "frame-src 'self' data: blob:",
  "form-action 'none'",
  "base-uri 'self'",
].join('; ');

export type Answer = { status: number; contentType: string; body: Buffer; headers?: Record<string, string> };

/** The whole web as the renderer's browser sees it: one page, its script, and one recording's objects. */
export class StageSite {
  private readonly extra = new Map<string, Answer>();

  constructor(
    private readonly script: string | Promise<string>,
    private readonly objects: RecordingObjects,
  ) {}

  /** Serves `body` at a path until it is taken back with `undefined`. */
  put(path: string, answer: Answer | undefined): void {
    if (answer) this.extra.set(path, answer);
    else this.extra.delete(path);
  }

  /** @returns undefined for everything that does not belong to the stage. */
  async answer(method: string, url: string): Promise<Answer | undefined> {
    if (method !== 'GET' || !url.startsWith(`${stageOrigin}/`)) return undefined;
    const { pathname } = new URL(url);
    if (pathname === '/')
      return {
        status: 200,
        contentType: 'text/html; charset=utf-8',
        body: page,
        headers: { 'content-security-policy': policy },
      };
    if (pathname === '/stage.js')
      return { status: 200, contentType: 'text/javascript; charset=utf-8', body: Buffer.from(await this.script) };
    const extra = this.extra.get(pathname);
    if (extra) return extra;
    const key = /^\/recording\/((?!.*\.\.)[\w./-]+)$/.exec(pathname)?.[1];
    return key === undefined ? undefined : this.object(key);
  }

  private async object(key: string): Promise<Answer | undefined> {
    const object = await this.objects.get(key);
    if (!object) return undefined;
    const parts: Uint8Array[] = [];
    for await (const part of object.body) parts.push(part);
    return { status: 200, contentType: object.contentType, body: Buffer.concat(parts) };
  }
}

const page = Buffer.from(
  '<!doctype html><html><head><meta charset="utf-8"><title>stage</title>' +
    '<style>html,body{margin:0;height:100%;overflow:hidden;background:#000}</style></head>' +
    '<body><script src="/stage.js"></script></body></html>',
);
