import { rename, writeFile } from 'node:fs/promises';
import { encodeNote } from '@rushes/media';
import type { TrackHeader, TrackNote } from '@rushes/media';

/** A track's notes on local disk. They are few: the file is written anew each time and put in place whole, so it is never torn. */
export class NotesFile {
  private text: string;
  private writtenLength = 0;

  constructor(
    readonly path: string,
    header: TrackHeader,
  ) {
    this.text = encodeNote(header);
  }

  /** Keeps the note until the disk takes it. */
  add(note: TrackNote): void {
    this.text += encodeNote(note);
  }

  /** @returns whether there was something to write. @throws when the disk does not take it */
  async write(): Promise<boolean> {
    const { text, path } = this;
    if (text.length === this.writtenLength) return false;
    const draft = `${path}.new`;
    await writeFile(draft, text);
    await rename(draft, path);
    this.writtenLength = text.length;
    return true;
  }
}
