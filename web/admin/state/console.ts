/** The signed-in administrator's console: where one is, and what is loaded for that. It draws nothing. */
import { effect, signal, untracked } from "@preact/signals";
import type { AgentSession, Colleague } from "../../staff/api";
import type { Api } from "./api";
import { Latest } from "./latest";
import { Past } from "./past";
import { parse, print, type Place, type View } from "./place";
import { Reports } from "./reports";
import { Search } from "./search";

export class Console {
  readonly place = signal<Place>(parse(location.hash));
  /** Whether what narrows a report is in sight. */
  readonly narrowing = signal(false);
  readonly colleagues = new Latest<Colleague[]>();
  readonly reports: Reports;
  readonly search: Search;
  readonly past: Past;
  private readonly _ends: (() => void)[] = [];

  constructor(readonly me: AgentSession, readonly api: Api) {
    this.reports = new Reports(api);
    this.search = new Search(api);
    this.past = new Past(api);
  }

  start(): void {
    const place = this.place.peek();
    this.narrowing.value = place.page === "report" && (Object.keys(place.view.filters).length > 0 || place.view.business || place.view.at !== null);
    const moved = () => (this.place.value = parse(location.hash));
    const away = new AbortController();
    for (const name of ["hashchange", "popstate"]) addEventListener(name, moved, { signal: away.signal });
    this._ends.push(() => away.abort(), effect(() => this._load(this.place.value)), () => this.past.leave());
    void this.colleagues.load(() => this.api.agents());
  }

  stop(): void {
    this._ends.forEach((end) => end());
  }

  /** `quietly`: a step that the browser's Back need not lead through. */
  go(place: Place, quietly = false): void {
    const hash = print(place);
    if (hash === location.hash) return;
    if (quietly) history.replaceState(null, "", hash);
    else history.pushState(null, "", hash);
    this.place.value = place;
  }

  look(change: Partial<View>, quietly = false): void {
    const place = this.place.peek();
    if (place.page === "report") this.go({ ...place, view: { ...place.view, ...change } }, quietly);
  }

  nameOf(agent: string): string | null {
    return this.colleagues.now.value.value?.find((one) => one.id === agent)?.name ?? null;
  }

  private _load(place: Place): void {
    untracked(() => {
      if (place.page !== "conversation") this.past.leave();
      if (place.page === "report") void this.reports.show(place.report, place.view);
      else if (place.page === "search") this.search.ask(place.asked);
      else this.past.open(place.id);
    });
  }
}
