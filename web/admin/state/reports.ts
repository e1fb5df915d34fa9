/** The report that is looked at, what it is compared with, and what it may be narrowed to. */
import { signal } from "@preact/signals";
import type { Api } from "./api";
import { Latest } from "./latest";
import type { Dimension, Filters, View } from "./place";
import { begun, queryBefore, queryOf, spanIn, type About, type Catalogue, type Group, type Report } from "./report";
import { todayIn, type Span } from "./spans";

export interface Shown {
  report: Report;
  before: Report | null;
  loaded: Date;
  /** What it was narrowed to. */
  filters: Filters;
  /** It is of all there is, and does not say when that begins. */
  whole: boolean;
}

/** The report that is asked, over the whole stretch, for the names of a dimension. */
const NAMES_OF = "volume";

export class Reports {
  readonly catalogue = new Latest<Catalogue>();
  readonly shown = new Latest<Shown>();
  /** Of each dimension, what there is to choose from in the stretch that is looked at. */
  readonly choices = signal<Partial<Record<Dimension, Group[]>>>({});
  private _asked = "";
  private _chosen = "";
  private _name = "";
  private _turn = 0;

  constructor(private readonly _api: Api) {}

  about(name: string): About | undefined {
    return this.catalogue.now.value.value?.reports.find((one) => one.name === name);
  }

  span(view: View): Span {
    return spanIn(view, todayIn(this.catalogue.now.value.value?.zone ?? "UTC", new Date()));
  }

  /** A change of what is drawn of the same numbers loads nothing. `again`: also what is here already. */
  async show(name: string, view: View, again = false): Promise<void> {
    const turn = ++this._turn;
    if (!this.catalogue.now.peek().value) await this.catalogue.load(() => this._api.catalogue());
    const about = this.about(name);
    if (!about || turn !== this._turn) return;
    const span = this.span(view);
    const query = queryOf(view, span, about);
    const asked = JSON.stringify([name, query, view.compare]);
    if (asked === this._asked && !again && this.shown.now.peek().state !== "failed") return;
    if (name !== this._name) this.shown.forget();
    [this._asked, this._name] = [asked, name];
    const all = view.range === "all";
    await this.shown.load(async () => {
      const [report, before] = await this._load(name, query, view.compare && !all ? queryBefore(query, span) : null);
      const cut = all ? begun(report) : report;
      const filters = Object.fromEntries(Object.entries(view.filters).filter(([dimension]) => about.by.includes(dimension)));
      return { report: cut, before, loaded: new Date(), filters, whole: all && cut === report };
    });
    if (view.filters.site && asked === this._asked) await this.choose("site", view); // an address has its id, which tells nobody its name
  }

  query(name: string, view: View): Record<string, string> {
    return queryOf(view, this.span(view), this.about(name)!);
  }

  /** Asked when somebody wants to choose, and once for each stretch. */
  async choose(dimension: Dimension, view: View): Promise<void> {
    const span = this.span(view);
    if (this._chosen !== JSON.stringify(span)) this.choices.value = {};
    this._chosen = JSON.stringify(span);
    if (this.choices.value[dimension]) return;
    const found = await this._api.report(NAMES_OF, { ...span, every: "all", by: dimension }).catch(() => null);
    this.choices.value = { ...this.choices.value, [dimension]: found?.groups ?? [] };
  }

  private _load(name: string, query: Record<string, string>, earlier: Record<string, string> | null): Promise<[Report, Report | null]> {
    return Promise.all([this._api.report(name, query), earlier && this._api.report(name, earlier)]);
  }
}
