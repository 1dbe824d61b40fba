/** Where a recording's page is. */
export function recordingAddress(recordingId: string): string {
  return `/?recording=${encodeURIComponent(recordingId)}`;
}

/** The recording that an address means (`?recording=` or `#recording=`), or null for the list. */
export function recordingIn(url: URL): string | null {
  return url.searchParams.get('recording') ?? new URLSearchParams(url.hash.slice(1)).get('recording');
}

/** Seconds at which to open it (`#t=`), or null. */
export function startIn(url: URL): number | null {
  const text = new URLSearchParams(url.hash.slice(1)).get('t');
  const seconds = Number(text);
  return text !== null && Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
