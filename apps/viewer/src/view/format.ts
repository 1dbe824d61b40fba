import { importedRoomId } from '@rushes/timeline';

/** `1:02:03` or `2:03`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/** `Thu 15 Jan 2026, 10:00`, in the reader's own zone. */
export function formatDate(epochMs: number): string {
  return new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(epochMs);
}

/** What a recording is called that may have no title. */
export function nameRecording(recording: { title: string | null; roomId: string; endReason: string | null }): string {
  const { title, roomId, endReason } = recording;
  const kind = endReason === 'imported' ? 'Imported meeting' : 'Meeting';
  return title ?? (roomId === importedRoomId ? kind : `${kind} in ${roomId}`);
}

/** How long something lasted: `0.3 s`, `42 s`, `1:10 min`. */
export function formatLength(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 59_500 ? `${Math.round(ms / 1000)} s` : `${formatDuration(ms)} ${ms < 3_600_000 ? 'min' : 'h'}`;
}
