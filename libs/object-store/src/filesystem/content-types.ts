import { readFile, rm, writeFile, rename, mkdir } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, extname, join } from 'node:path';
import { isMissing, removeEmptyFolders } from './folders.ts';

const byExtension: Record<string, string> = {
  '.css': 'text/css',
  '.gz': 'application/gzip',
  '.html': 'text/html',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.mp4': 'video/mp4',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};
const unknownType = 'application/octet-stream';

/** Content types of objects: from the key's extension, or kept in a small file where that says something else. */
export class ContentTypes {
  constructor(private readonly folder: string) {}

  /** @returns the type that the object has from now on */
  async write(key: string, contentType = guessType(key)): Promise<string> {
    if (contentType === guessType(key)) {
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
      if (isMissing(error)) return guessType(key);
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    const path = join(this.folder, key);
    await rm(path, { force: true });
    await removeEmptyFolders(dirname(path), this.folder);
  }
}

function guessType(key: string): string {
  return byExtension[extname(key)] ?? unknownType;
}
