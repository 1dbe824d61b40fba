import { readFile, rm, writeFile, rename, mkdir } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { contentTypeOfKey } from '../content-type-of-key.ts';
import { isMissing, removeEmptyFolders } from './folders.ts';

/** Content types of objects: from the key's extension, or kept in a small file where that says something else. */
export class ContentTypes {
  constructor(private readonly folder: string) {}

  /** @returns the type that the object has from now on */
  async write(key: string, contentType = contentTypeOfKey(key)): Promise<string> {
    if (contentType === contentTypeOfKey(key)) {
      await this.delete(key);
      return contentType;
    }
    if ((await this.read(key)) === contentType) return contentType;
    const path = join(this.folder, key);
    const draft = join(this.folder, `~${randomUUID()}`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, contentType, { flush: true });
    await rename(draft, path);
    return contentType;
  }

  async read(key: string): Promise<string> {
    try {
      return await readFile(join(this.folder, key), 'utf8');
    } catch (error) {
      if (isMissing(error)) return contentTypeOfKey(key);
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    const path = join(this.folder, key);
    await rm(path, { force: true });
    await removeEmptyFolders(dirname(path), this.folder);
  }
}
