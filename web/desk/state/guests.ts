/** Who is on the site now: asked for again and again while it is looked at, and no longer. */
import { signal } from "@preact/signals";
import type { Api, Guest } from "./api";

export interface GuestFilter {
  q: string;
  source: string;
  device: string;
  country: string;
  site: string;
}

const ANY: GuestFilter = { q: "", source: "", device: "", country: "", site: "" };
const EVERY_MS = 5_000;
const SETTLED_MS = 200;
const PAGE = 100;

export class Guests {
  readonly items = signal<Guest[]>([]);
  readonly present = signal<number | null>(null);
  readonly state = signal<"loading" | "ready" | "failed">("loading");
  readonly filter = signal(ANY);
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _asked = 0;
  private _shown = false;

  constructor(private readonly _api: Api, private readonly _looked: () => boolean) {}

  show(): void {
    this._shown = true;
    void this.load();
  }

  hide(): void {
    this._shown = false;
    this._asked++;
    this.present.value = null;
    clearTimeout(this._timer);
  }

  narrow(change: Partial<GuestFilter>): void {
    this.filter.value = { ...this.filter.value, ...change };
    this._later(SETTLED_MS);
  }

  /** Only the answer to the last question is shown. */
  async load(): Promise<void> {
    const turn = ++this._asked;
    try {
      if (this._looked()) await this._ask(turn);
    } catch {
      if (turn === this._asked) this.state.value = "failed";
    }
    if (turn === this._asked) this._later(EVERY_MS);
  }

  private async _ask(turn: number): Promise<void> {
    const narrowed = Object.entries(this.filter.value).filter(([, value]) => value.trim() !== "");
    const page = await this._api.present({ ...Object.fromEntries(narrowed), limit: String(PAGE) });
    if (turn !== this._asked) return;
    this.items.value = page.items;
    this.present.value = page.present;
    this.state.value = "ready";
  }

  private _later(ms: number): void {
    clearTimeout(this._timer);
    if (this._shown) this._timer = setTimeout(() => void this.load(), ms);
  }
}
