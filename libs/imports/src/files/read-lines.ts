import { createReadStream } from 'node:fs';

/** `text` is undefined when the line is longer than was asked for. */
export type Line = { number: number; text: string | undefined };

/** A text file's lines without their breaks, one in memory at a time. @param most longest line that is read, characters */
export async function* readLines(path: string, most: number): AsyncGenerator<Line, void, undefined> {
  let rest = '';
  let isTooLong = false;
  let number = 0;
  const take = (end: string): Line => {
    const text = isTooLong || rest.length + end.length > most ? undefined : (rest + end).replace(/\r$/, '');
    [rest, isTooLong] = ['', false];
    return { number: ++number, text };
  };
  for await (const part of createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>) {
    const ends = part.split('\n');
    const last = ends.pop()!;
    for (const end of ends) yield take(end);
    if (isTooLong || rest.length + last.length > most) [rest, isTooLong] = ['', true];
    else rest += last;
  }
  if (rest !== '' || isTooLong) yield take('');
}
