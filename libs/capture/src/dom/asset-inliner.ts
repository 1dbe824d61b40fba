import type { RrwebEvent } from '@rushes/timeline';
import { assetSlots } from './asset-slots.ts';
import type { NodeMirror } from './tiles.ts';

/** Stands where a picture could not be had: the replay asks nobody for it. */
export const transparentPixel = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';

/** Larger files are left out, bytes: every full snapshot carries them again. */
const mostBytes = 512 * 1024;
/** How long an event waits for its files; those that come later are in the next snapshot. */
const patienceMs = 2_000;
const cssUrl = /url\(\s*(?:"([^"]*)"|'([^']*)'|([^)\s]*))\s*\)/g;

/**
 * Puts what the page shows from elsewhere (images, fonts, stylesheets without CORS headers for scripts) into its events as
 * `data:` URLs. Each file is fetched once, beside the page; what may not be fetched becomes a transparent pixel.
 */
export class AssetInliner {
  /** By absolute URL: the data URL, or the promise of it. */
  readonly #files = new Map<string, string | Promise<string>>();
  readonly #stylesheets = new Map<string, string | Promise<string>>();

  constructor(
    private readonly mirror: NodeMirror,
    private readonly baseUrl: () => string,
  ) {}

  /** Changes `event` in place; returns a promise only when something has to be fetched first. It does not reject. */
  inline(event: RrwebEvent): Promise<void> | undefined {
    const slots = assetSlots(event, this.mirror);
    if (slots.length === 0) return undefined;
    const waits = slots.flatMap((slot) => {
      if (slot.kind === 'url') return this.prepare(slot.value, this.baseUrl());
      if (slot.kind === 'css') return cssUrls(slot.value).flatMap((url) => this.prepare(url, this.baseUrl()));
      return this.prepareStylesheet(slot.value);
    });
    const apply = (): void => {
      for (const slot of slots) {
        if (slot.kind === 'url') slot.set(this.known(slot.value, this.baseUrl()));
        else if (slot.kind === 'css') slot.set(this.inlineCss(slot.value, this.baseUrl()));
        else slot.set(this.knownStylesheet(slot.value));
      }
    };
    if (waits.length === 0) return void apply();
    const patience = new Promise<void>((resolve) => setTimeout(resolve, patienceMs));
    return Promise.race([Promise.all(waits), patience]).then(apply);
  }

  private prepare(url: string, base: string): Promise<unknown>[] {
    const address = absolute(url, base);
    if (address === undefined) return [];
    return wait(this.#files, address, () => fetchDataUrl(address));
  }

  private prepareStylesheet(url: string): Promise<unknown>[] {
    const address = absolute(url, this.baseUrl());
    if (address === undefined) return [];
    return wait(this.#stylesheets, address, async () => {
      const css = await fetchText(address);
      await Promise.all(cssUrls(css).flatMap((each) => this.prepare(each, address)));
      return this.inlineCss(css, address);
    });
  }

  private known(url: string, base: string): string {
    const address = absolute(url, base);
    if (address === undefined) return url;
    const file = this.#files.get(address);
    return typeof file === 'string' ? file : transparentPixel;
  }

  private knownStylesheet(url: string): string {
    const css = this.#stylesheets.get(absolute(url, this.baseUrl()) ?? '');
    return typeof css === 'string' ? css : '';
  }

  private inlineCss(css: string, base: string): string {
    return css.replace(cssUrl, (_whole, double?: string, single?: string, bare?: string) => {
      const url = double ?? single ?? bare ?? '';
      return `url("${this.known(url, base)}")`;
    });
  }
}

/** The promise to wait for, or nothing when the value is there; starts it the first time. */
function wait(
  cache: Map<string, string | Promise<string>>,
  key: string,
  load: () => Promise<string>,
): Promise<unknown>[] {
  const cached = cache.get(key);
  if (typeof cached === 'string') return [];
  if (cached) return [cached];
  const loading = load().then((value) => {
    cache.set(key, value);
    return value;
  });
  cache.set(key, loading);
  return [loading];
}

function cssUrls(css: string): string[] {
  return [...css.matchAll(cssUrl)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** undefined for what is no reference to the outside: `data:`, a fragment of the page itself, nonsense. */
function absolute(url: string, base: string): string | undefined {
  const trimmed = url.trim();
  if (trimmed === '' || trimmed.startsWith('#') || /^data:/i.test(trimmed)) return undefined;
  return URL.canParse(trimmed, base) ? new URL(trimmed, base).href : undefined;
}

async function fetchDataUrl(address: string): Promise<string> {
  try {
    const response = await fetch(address, { credentials: 'same-origin' });
    const blob = await response.blob();
    const isShowable = response.ok && blob.size <= mostBytes && !/html|script/i.test(blob.type);
    return isShowable ? await toDataUrl(blob) : transparentPixel;
  } catch {
    return transparentPixel;
  }
}

async function fetchText(address: string): Promise<string> {
  try {
    const response = await fetch(address, { credentials: 'same-origin' });
    return response.ok ? await response.text() : '';
  } catch {
    return '';
  }
}

function toDataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error('unreadable'));
    reader.readAsDataURL(blob);
  });
}
