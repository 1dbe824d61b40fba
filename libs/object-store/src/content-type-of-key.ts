import { extname } from 'node:path';

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

/** The content type of an object that was put without one. */
export function contentTypeOfKey(key: string): string {
  return byExtension[extname(key)] ?? 'application/octet-stream';
}
