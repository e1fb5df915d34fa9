/** What went wrong and concerns no message: said once, gone by itself. */
import { signal } from "@preact/signals";

export interface Toast {
  id: number;
  code: string;
  text: string;
}

const SHOWN_MS = 8_000;
const AT_ONCE = 4;

export class Toasts {
  readonly all = signal<Toast[]>([]);
  private _last = 0;

  complain(error: unknown): void {
    const { code = "other", message = "" } = (error ?? {}) as { code?: string; message?: string };
    const toast = { id: ++this._last, code, text: message };
    this.all.value = [...this.all.value, toast].slice(-AT_ONCE);
    setTimeout(() => this.dismiss(toast.id), SHOWN_MS);
  }

  dismiss(id: number): void {
    this.all.value = this.all.value.filter((toast) => toast.id !== id);
  }
}
