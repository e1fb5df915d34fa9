/** The signed-in administrator's console: where one is, and what is loaded for that. It draws nothing. */
import { effect, signal, untracked } from "@preact/signals";
import { browserWorld } from "../../client/ports";
import type { AgentSession, Colleague } from "../../staff/api";
import type { Api } from "./api";
import { Uploads } from "../../client/uploads";
import { Guard } from "./guard";
import { Latest } from "./latest";
import { Live } from "./live";
import { Past } from "./past";
import { parse, print, sphere, type Place, type View } from "./place";
import { Reports } from "./reports";
import { Search } from "./search";
import { Office } from "./settings/office";

const TOLD_MS = 5_000;
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
  readonly live: Live;
  readonly office: Office;
  readonly files: Uploads;
  /** What was done just now. */
  readonly told = signal("");
  /** Asks before what was changed and not saved is left. */
  readonly guard = new Guard();
  private readonly _ends: (() => void)[] = [];
  private _unwritten: (() => void) | null = null;
  /** Of which of the settings there was the last look. */
  private _at = "";
  private _untell = (): void => {};

  constructor(readonly me: AgentSession, readonly api: Api) {
    this.reports = new Reports(api);
    this.search = new Search(api);
    this.past = new Past(api);
    this.live = new Live(api);
    this.office = new Office(api);
    this.files = new Uploads({ base: "", token: async (stale) => ((stale ? await api.session() : null), api.token!) }, browserWorld);
  }

  start(): void {
    const place = this.place.peek();
    this.narrowing.value = place.page === "report" && (Object.keys(place.view.filters).length > 0 || place.view.business || place.view.at !== null);
    const moved = () => {
      this._forget();
      const to = parse(location.hash);
      if (!this._leaves(to)) return void (this.place.value = to);
      history.pushState(null, "", print(this.place.peek())); // the address says where one still is
      this.guard.ask(() => this._enter(to));
    };
    const away = new AbortController();
    for (const name of ["hashchange", "popstate"]) addEventListener(name, moved, { signal: away.signal });
    addEventListener("beforeunload", (event) => this.guard.dirty && event.preventDefault(), { signal: away.signal });
    const leave = () => [this.past, this.live].forEach((one) => one.leave());
    this._ends.push(() => away.abort(), effect(() => this._load(this.place.value)), leave, () => this._forget());
    void this.colleagues.load(() => this.api.agents());
  }

  stop(): void {
    this._ends.forEach((end) => end());
  }

  /** `quietly`: a step that the browser's Back need not lead through; its address follows when one stops. */
  go(place: Place, quietly = false): void {
    const hash = print(place);
    if (hash === print(this.place.peek())) return;
    if (this._leaves(place)) return this.guard.ask(() => this._enter(place));
    const unwritten = this._unwritten !== null;
    this._forget();
    if (quietly) this._unwritten = browserWorld.after(ADDRESS_MS, () => this._write());
    else {
      if (unwritten) this._write(); // Back leads to where one stopped
      history.pushState(null, "", hash);
    }
    this.place.value = place;
  }

  private _leaves(to: Place): boolean {
    return this.guard.dirty && sphere(to) !== sphere(this.place.peek());
  }

  private _enter(place: Place): void {
    history.pushState(null, "", print(place));
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

  tell(text: string): void {
    this._untell();
    this.told.value = text;
    this._untell = browserWorld.after(TOLD_MS, () => (this.told.value = ""));
  }

  nameOf(agent: string): string | null {
    return this.colleagues.now.value.value?.find((one) => one.id === agent)?.name ?? null;
  }

  /** From part to part of the same page nothing is asked anew. */
  private _work(place: Place): void {
    const at = sphere(place);
    if (at !== this._at) this.office.open();
    this._at = at;
  }

  private _load(place: Place): void {
    untracked(() => {
      if (place.page !== "conversation") this.past.leave();
      if (place.page !== "live") this.live.leave();
      if (place.page !== "settings") this._at = "";
      switch (place.page) {
        case "live": return this.live.open();
        case "settings": return this._work(place);
        case "report": return void this.reports.show(place.report, place.view);
        case "search": return this.search.ask(place.asked);
        case "conversation": return this.past.open(place.id);
      }
    });
  }
}
