/** The words that are being written, and that the other side sees somebody write. */
import { computed, signal } from "@preact/signals-core";

export const LIMIT = 10_000;
const TYPING_EVERY_MS = 3_000;
const TYPING_STOPS_MS = 4_000;

export class Composing {
  /** Half-written words: they outlive the window's closing, and the page. */
  readonly draft;
  private _since = 0;
  private _end = 0;

  constructor(draft: string, private readonly _tell: (on: boolean) => boolean) {
    this.draft = signal(draft);
  }

  readonly length = computed(() => [...this.draft.value].length);

  readonly ready = computed(() => this.draft.value.trim() !== "" && this.length.value <= LIMIT);

  write(text: string): void {
    this.draft.value = text;
    this.typing(text.trim() !== "");
  }

  typing(on: boolean): void {
    const now = Date.now();
    clearTimeout(this._end);
    if (on) this._end = window.setTimeout(() => this.typing(false), TYPING_STOPS_MS);
    const due = on ? now - this._since > TYPING_EVERY_MS : this._since > 0;
    if (due && this._tell(on)) this._since = on ? now : 0;
  }
}
