/** A search and its hits so far. */
import { signal } from "@preact/signals";
import type { Api, Hit } from "./api";
import { Latest } from "./latest";
import type { Asked } from "./place";
import { plus } from "./spans";

export interface Hits {
  items: Hit[];
  next: string | null;
  complete: boolean;
}

const PAGE = 30;

export class Search {
  readonly found = new Latest<Hits>();
  /** A page more is on its way, or did not come. */
  readonly more = signal<{ loading: boolean; error?: unknown }>({ loading: false });
  private _asked: Asked = { q: "" };

  constructor(private readonly _api: Api) {}

  get asked(): Asked {
    return this._asked;
  }

  /** `again`: also what was asked just now. */
  ask(asked: Asked, again = false): void {
    if (asked.q.trim() === "") {
      this._asked = asked;
      return this.found.forget();
    }
    if (!again && JSON.stringify(asked) === JSON.stringify(this._asked) && this.found.now.peek().state !== "failed") return;
    this._asked = asked;
    this.more.value = { loading: false };
    this.found.forget();
    void this.found.load(() => this._page(null));
  }

  async goOn(): Promise<void> {
    const before = this.found.now.peek().value;
    if (!before?.next || this.more.peek().loading) return;
    const asked = this._asked;
    this.more.value = { loading: true };
    try {
      const page = await this._page(before.next);
      if (asked !== this._asked) return;
      this.found.now.value = { state: "ready", value: { ...page, items: [...before.items, ...page.items] } };
      this.more.value = { loading: false };
    } catch (error) {
      if (asked === this._asked) this.more.value = { loading: false, error };
    }
  }

  private _page(cursor: string | null): Promise<Hits> {
    const query = { ...queryOf(this._asked), limit: String(PAGE), ...(cursor ? { cursor } : {}) };
    return this._api.search(query);
  }
}

/** Days are the reader's own, as the times of the hits are; the server is asked for moments, the last one excluded. */
export function queryOf({ from, to, ...asked }: Asked): Record<string, string> {
  const moment = (day: string): string => new Date(`${day}T00:00`).toISOString();
  return { ...asked, ...(from ? { from: moment(from) } : {}), ...(to ? { to: moment(plus(to, 1)) } : {}) };
}
