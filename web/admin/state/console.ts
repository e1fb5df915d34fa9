/** The signed-in administrator's console: where one is, and what is loaded for that. It draws nothing. */
import { effect, signal, untracked } from "@preact/signals";
import { browserWorld } from "../../client/ports";
import type { AgentSession, Colleague } from "../../staff/api";
import type { Api } from "./api";
import { Latest } from "./latest";
import { Past } from "./past";
import { parse, print, type Place, type View } from "./place";
import { Reports } from "./reports";
import { Search } from "./search";

/** A browser takes only so many addresses in a time; Safari throws after a hundred in half a minute. */
const ADDRESS_MS = 400;

export class Console {
  readonly place = signal<Place>(parse(location.hash));
  /** Whether what narrows a report is in sight. */
  readonly narrowing = signal(false);
  readonly colleagues = new Latest<Colleague[]>();
  readonly reports: Reports;
  readonly search: Search;
  readonly past: Past;
  private readonly _ends: (() => void)[] = [];
  private _unwritten: (() => void) | null = null;

  constructor(readonly me: AgentSession, readonly api: Api) {
    this.reports = new Reports(api);
    this.search = new Search(api);
    this.past = new Past(api);
  }

  start(): void {
    const place = this.place.peek();
    this.narrowing.value = place.page === "report" && (Object.keys(place.view.filters).length > 0 || place.view.business || place.view.at !== null);
    const moved = () => {
      this._forget();
      this.place.value = parse(location.hash);
    };
    const away = new AbortController();
    for (const name of ["hashchange", "popstate"]) addEventListener(name, moved, { signal: away.signal });
    this._ends.push(() => away.abort(), effect(() => this._load(this.place.value)), () => this.past.leave(), () => this._forget());
    void this.colleagues.load(() => this.api.agents());
  }

  stop(): void {
    this._ends.forEach((end) => end());
  }

  /** `quietly`: a step that the browser's Back need not lead through; its address follows when one stops. */
  go(place: Place, quietly = false): void {
    const hash = print(place);
    if (hash === print(this.place.peek())) return;
    const unwritten = this._unwritten !== null;
    this._forget();
    if (quietly) this._unwritten = browserWorld.after(ADDRESS_MS, () => this._write());
    else {
      if (unwritten) this._write(); // Back leads to where one stopped
      history.pushState(null, "", hash);
    }
    this.place.value = place;
  }

  private _forget(): void {
    this._unwritten?.();
    this._unwritten = null;
  }

  private _write(): void {
    this._unwritten = null;
    history.replaceState(null, "", print(this.place.peek()));
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
