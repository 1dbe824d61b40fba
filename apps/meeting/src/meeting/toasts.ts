import type { Notifications } from '@rushes/rooms/protocol';
import type { MeetingView, Toast } from './meeting-view.ts';
import type { Store } from './store.ts';

/** How long a message stays, milliseconds. */
const shownMs = 5_000;

/** Short messages over the meeting. */
export class Toasts {
  #nextId = 1;

  constructor(private readonly view: Store<MeetingView>) {}

  show(text: string, kind: Toast['kind']): void {
    const { toasts } = this.view.get();
    if (toasts.some((toast) => toast.text === text)) return;
    const toastId = this.#nextId++;
    this.view.set({ toasts: [...toasts, { toastId, text, kind }].slice(-3) });
    setTimeout(() => this.dismiss(toastId), shownMs);
  }

  /** To a host: the recorder keeps nothing of what comes, or does again. */
  showMediaLost({ reason }: Notifications['recording-media-lost']): void {
    if (reason === null) return this.show('The recorder has room again: media is recorded', 'info');
    const why = reason === 'spool-full' ? 'the recorder’s disk is full' : 'the recorder cannot write to its disk';
    this.show(`Recording is losing media: ${why}`, 'error');
  }

  /** `expected`: codes of errors that are no news. */
  showError(error: unknown, expected: readonly string[] = []): void {
    if (error instanceof Error && 'code' in error && expected.includes(String(error.code))) return;
    this.show(error instanceof Error ? error.message : String(error), 'error');
  }

  dismiss(toastId: number): void {
    this.view.set({ toasts: this.view.get().toasts.filter((toast) => toast.toastId !== toastId) });
  }
}
