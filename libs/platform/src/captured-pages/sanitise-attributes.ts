import { isRecord, type RrwebAttributes } from '@rushes/timeline';
import { sanitiseCss } from './sanitise-css.ts';

const namePattern = /^[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?$/;
const eventHandler = /^(?:[\w.-]+:)?on/i;

/** These run something, load a document, submit, or change what other elements mean: a replay needs none of them. */
const refusedNames = new Set(
  (
    'srcdoc action formaction ping http-equiv manifest nonce integrity is code codebase archive classid data profile ' +
    'target autofocus rr_src __proto__'
  ).split(' '),
);
/** Fetched as soon as they are set: only what lies in the event itself or among the recording's assets. */
const loadedNames = new Set('src poster background dynsrc lowsrc rr_dataurl'.split(' '));
/** Followed on a click, or resolved inside the document. */
const linkNames = new Set('href xlink:href cite longdesc'.split(' '));
/** SVG animations give them to other attributes later. */
const animatedNames = new Set('to from by values'.split(' '));

const harmlessData =
  /^data:(?:image\/(?:png|jpe?g|gif|webp|avif|bmp|svg\+xml|x-icon|vnd\.microsoft\.icon)|font\/|application\/(?:x-)?font|audio\/|video\/|[;,])/i;
const harmlessLink = /^(?:https?|mailto|tel):/i;
const ownAsset = /^assets\/[0-9a-f]{64}$/;
const anyScheme = /^[a-z][a-z0-9+.-]*:/i;
const scriptScheme = /(?:javascript|vbscript):|data:text\/html/i;

/** Takes out of `attributes`, in place, whatever could run a script or reach outside. Returns how many were taken out. */
export function sanitiseAttributes(attributes: RrwebAttributes): number {
  let removed = 0;
  for (const name of Object.keys(attributes)) {
    const value = attributes[name];
    if (isHarmful(name, name.toLowerCase(), value)) {
      delete attributes[name];
      removed++;
    } else if (name === 'style' || name === '_cssText') {
      attributes[name] = sanitiseStyle(value);
    }
  }
  return removed;
}

/** A value of `null` in a mutation takes the attribute off: never harmful. */
function isHarmful(name: string, lower: string, value: unknown): boolean {
  if (!namePattern.test(name) || eventHandler.test(name) || refusedNames.has(lower)) return true;
  if (value === null) return false;
  if (typeof value === 'object') return lower !== 'style';
  if (lower === 'srcset') return true;
  if (loadedNames.has(lower)) return !isOwnContent(asBrowserReads(value));
  if (linkNames.has(lower)) return !isHarmlessLink(asBrowserReads(value));
  if (animatedNames.has(lower)) return scriptScheme.test(asBrowserReads(value).replaceAll(' ', ''));
  return false;
}

/** URL standard: leading blanks and control characters, and all tabs and line breaks, are not there. */
function asBrowserReads(value: unknown): string {
  const text = String(value).replace(/[\t\n\r]/g, '');
  let start = 0;
  while (start < text.length && text.charCodeAt(start) <= 0x20) start++;
  return text.slice(start);
}

function isOwnContent(url: string): boolean {
  return url === '' || harmlessData.test(url) || ownAsset.test(url);
}

function isHarmlessLink(url: string): boolean {
  return !anyScheme.test(url) || harmlessLink.test(url) || harmlessData.test(url);
}

/** rrweb writes a changed style as an object: property to value, or to `[value, priority]`, or false when it is taken off. */
function sanitiseStyle(value: unknown): unknown {
  if (typeof value === 'string') return sanitiseCss(value);
  if (Array.isArray(value)) return value.map(sanitiseStyle);
  if (!isRecord(value)) return value;
  for (const property of Object.keys(value)) {
    const given = value[property];
    const sanitised = sanitiseStyle(given);
    if (sanitised !== given) value[property] = sanitised;
  }
  return value;
}
