/** Everything below has one of these; most values that a page changes have none. */
const suspicious = /[@(:]/;
const importRule = /@import\b[^;{}]*;?/gi;
const outsideUrl = /url\(\s*(["']?)\s*(?!data:|#)[^)]*\)/gi;
const scriptedValue = /(?:expression\s*\(|-moz-binding\s*:|behavior\s*:|javascript\s*:)/gi;

/**
 * A stylesheet, rule or declaration that refers to nothing outside: imports go, `url(…)` other than `data:` shows nothing.
 * Escaped spellings are not chased: the player's content security policy stops what they would load.
 */
export function sanitiseCss(css: string): string {
  if (!suspicious.test(css)) return css;
  return css.replace(importRule, '').replace(outsideUrl, 'url("data:,")').replace(scriptedValue, 'x-refused:');
}
