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

  showError(error: unknown): void {
    this.show(error instanceof Error ? error.message : String(error), 'error');
  }

  dismiss(toastId: number): void {
    this.view.set({ toasts: this.view.get().toasts.filter((toast) => toast.toastId !== toastId) });
  }
}
