/** What concerns no single message: said once, gone by itself; what can be taken back says how. */
import { signal } from "@preact/signals";

export interface Toast {
  id: number;
  tone: "problem" | "done" | "call";
  code: string;
  text: string;
  act?: { label: string; run: () => void };
  /** Which one it calls to: whoever is there needs no call. */
  conversation?: string;
  /** Whom it waits for: once they speak it has had its time. */
  visitor?: string;
  /** Of one kind there is one at a time: it says how many they are. */
  many?: { kind: string; text: (n: number) => string; act?: Toast["act"]; count?: number };
}

type Said = Pick<Toast, "tone" | "text"> & Partial<Toast>;

const SHOWN_MS = 8_000;
const AT_ONCE = 4;

export class Toasts {
  readonly all = signal<Toast[]>([]);
  private _last = 0;

  complain(error: unknown): void {
    const { code = "other", message = "" } = (error ?? {}) as { code?: string; message?: string };
    this.say({ tone: "problem", code, text: message });
  }

  say(said: Said): void {
    const toast = this._gathered({ code: "", ...said, id: ++this._last });
    this.all.value = [...this.all.value.filter((one) => !alike(one, toast)), toast].slice(-AT_ONCE);
    setTimeout(() => this.dismiss(toast.id), SHOWN_MS);
  }

  private _gathered(toast: Toast): Toast {
    const before = this.all.value.find((one) => alike(one, toast));
    if (!before || before.conversation === toast.conversation) return toast;
    const { act: _act, conversation: _conversation, ...rest } = toast;
    const many = { ...toast.many!, count: (before.many!.count ?? 1) + 1 };
    return { ...rest, many, text: many.text(many.count), ...(many.act ? { act: many.act } : {}) };
  }

  /** Does what the newest one offers, which is mostly to take something back. */
  act(id?: number): void {
    const toast = this.all.value.findLast((one) => one.act && (id === undefined || one.id === id));
    if (!toast) return;
    this.dismiss(toast.id);
    toast.act!.run();
  }

  /** Somebody is at this conversation, or this visitor is here: what waited for that is done. */
  arrived(one: string): void {
    this.all.value = this.all.value.filter((toast) => toast.conversation !== one && toast.visitor !== one);
  }

  dismiss(id: number): void {
    this.all.value = this.all.value.filter((toast) => toast.id !== id);
  }
}

function alike(one: Toast, other: Toast): boolean {
  return one.many !== undefined && one.many.kind === other.many?.kind;
}
