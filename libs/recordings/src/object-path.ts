/** Everything of a recording that can be read through the API: what the manifest refers to, and the raw packets. */
const readable: readonly RegExp[] = [
  /^timeline\/events\/[\w-]+\.ndjson\.gz$/,
  /^timeline\/dom\/[\w-]+\/[\w-]+\.ndjson\.gz$/,
  /^timeline\/claims\/[0-9a-f]{64}$/,
  /^tracks\/[\w-]+\/media\.(webm|mp4)$/,
  /^tracks\/[\w-]+\/rtp\/\d+\.rtpdump$/,
];
const asset = /^assets\/[0-9a-f]{64}$/;

const yearSeconds = 31_536_000;

/** How an object may be kept by whoever fetched it; undefined when it may not be read at all. */
export function objectCacheControl(relativeKey: string): string | undefined {
  // Named after their content, assets cannot change. A chunk or file may be made again under its name, after a crash.
  if (asset.test(relativeKey)) return `private, max-age=${yearSeconds}, immutable`;
  return readable.some((pattern) => pattern.test(relativeKey)) ? 'private, no-cache' : undefined;
}

/** Whether it is a track's file: large, and read by a media element. */
export function isMediaFile(relativeKey: string): boolean {
  return /^tracks\/[\w-]+\/media\.\w+$/.test(relativeKey);
}
