/** Messages and notes that have the words that the list is filtered by: the server searches, once somebody stops typing. */
import { effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { Api, Hit } from "./api";

const SETTLED_MS = 350;
const SHORTEST = 2;
const PAGE = "20";

export class Finding {
  readonly hits = signal<Hit[]>([]);
  readonly state = signal<"idle" | "busy" | "done" | "failed">("idle");
  readonly next = signal<string | null>(null);
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _turn = 0;
  readonly end: () => void;

  constructor(private readonly _api: Api, private readonly _words: ReadonlySignal<string>) {
    this.end = effect(() => this._begin(this._words.value.trim()));
  }

  private _begin(words: string): void {
    this._turn++;
    clearTimeout(this._timer);
    this.hits.value = [];
    this.next.value = null;
    const enough = [...words].length >= SHORTEST;
    this.state.value = enough ? "busy" : "idle";
    if (enough) this._timer = setTimeout(() => void this.more(), SETTLED_MS);
  }

  async more(): Promise<void> {
    const turn = this._turn;
    const from = this.next.value ? { cursor: this.next.value } : {};
    this.state.value = "busy";
    try {
      const page = await this._api.search({ q: this._words.value.trim(), limit: PAGE, ...from });
      if (turn !== this._turn) return;
      this.hits.value = [...this.hits.value, ...page.items];
      this.next.value = page.next;
      this.state.value = "done";
    } catch {
      if (turn === this._turn) this.state.value = "failed";
    }
  }
}

/** The snippet cut at its hits: every second piece is one. Marks count code points. */
export function cut({ text, marks }: Hit["snippet"]): string[] {
  const points = [...text];
  const ends = [0, ...marks.flat(), points.length];
  return ends.slice(1).map((end, i) => points.slice(ends[i], end).join(""));
}
