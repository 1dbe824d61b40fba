/** Deeper nesting would overflow the stack of those who write the event again; pages nest a few dozen deep. */
export const deepestNesting = 1_500;

const [quote, backslash, openArray, openObject, closeArray, closeObject] = [...'"\\[{]}'].map((each) =>
  each.charCodeAt(0),
);

/** How deep arrays and objects are nested in a JSON text; what is nested too deep overflows the stack of whoever writes it again. */
export function nestingOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < json.length; index++) {
    const code = json.charCodeAt(index);
    if (code === quote) {
      index = endOfString(json, index);
    } else if (code === openArray || code === openObject) {
      if (++depth > deepest) deepest = depth;
    } else if (code === closeArray || code === closeObject) {
      depth--;
    }
  }
  return deepest;
}

/** Index of the closing quote of the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  for (let index = json.indexOf('"', start + 1); index !== -1; index = json.indexOf('"', index + 1)) {
    let backslashes = 0;
    while (json.charCodeAt(index - 1 - backslashes) === backslash) backslashes++;
    if (backslashes % 2 === 0) return index;
  }
  return json.length;
}
