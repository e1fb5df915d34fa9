/**
 * Where one is, as an address: everything that is shown follows from it, so that it can be shared and the
 * browser's Back leads back. It stands behind `#`, so that what somebody searched for is in no server's log. Pure.
 */
import { PRESETS, isDay, type Every, type Preset, type Span } from "./spans";

export const DIMENSIONS = ["agent", "department", "site", "source", "tag"] as const;
export type Dimension = (typeof DIMENSIONS)[number];
export type Filters = Partial<Record<Dimension, string>>;

/** How a report is looked at. `every` null: what suits the stretch. `at`: as it was then. */
export interface View {
  range: Preset | Span;
  every: Every | null;
  by: string | null;
  filters: Filters;
  business: boolean;
  compare: boolean;
  metric: string | null;
  sort: string | null;
  at: string | null;
}

export const SENDERS = ["visitor", "agent", "bot"] as const;

/** What is searched for, from the first day to the last, both included. */
export interface Asked extends Filters {
  q: string;
  from?: string;
  to?: string;
  sender?: string;
}

export const SECTIONS = ["sites", "departments", "agents", "hours", "welcomes", "receptions", "routing", "replies", "tags", "statuses", "account"] as const;
export type Section = (typeof SECTIONS)[number];

/** In the place of a key: one that is to be added. No key has this sign. */
export const NEW = "+";

export type Place =
  | { page: "live" }
  /** `part`: of what has several pages, which. */
  | { page: "settings"; section: Section; key: string | null; part: string | null }
  | { page: "report"; report: string; view: View }
  | { page: "search"; asked: Asked }
  /** `at`: the version up to which it is shown, null for now; `said`: the line that one came for. */
  | { page: "conversation"; id: string; at: number | null; said: number | null };

export const PLAIN: View = {
  range: "28d", every: null, by: null, filters: {}, business: false, compare: false, metric: null, sort: null, at: null,
};

const EVERY = new Set<string>(["hour", "day", "week", "month", "all"]);
const ASKED = ["q", "from", "to", "sender", "agent", "department", "source", "tag"] as const;

export function parse(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [page, name, key, part] = path.split("/").map(decoded);
  const said = new URLSearchParams(query);
  if (page === "settings") return { page, section: SECTIONS.find((one) => one === name) ?? "sites", key: key || null, part: part || null };
  if (page === "search") return { page, asked: askedOf(said) };
  if (page === "conversation" && name) return { page, id: name, at: whole(said.get("at")), said: whole(said.get("said")) };
  if (page === "reports") return { page: "report", report: name || "overview", view: viewOf(said) };
  return { page: "live" };
}

export function print(place: Place): string {
  switch (place.page) {
    case "live": return address("live", {});
    case "settings": return address(["settings", place.section, ...[place.key, place.part].filter((one) => one !== null).map(coded)].join("/"), {});
    case "report": return address(`reports/${encodeURIComponent(place.report)}`, viewSaid(place.view));
    case "search": return address("search", place.asked);
    case "conversation": return address(`conversation/${place.id}`, { at: place.at, said: place.said });
  }
}

/** Within one of these nothing that was changed is lost. */
export function sphere(place: Place): string {
  return place.page === "settings" ? print({ ...place, part: null }) : place.page;
}

export function settingsAt(section: Section, key: string | null = null, part: string | null = null): string {
  return print({ page: "settings", section, key, part });
}

function address(path: string, said: object): string {
  const kept = Object.entries(said).filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false);
  const query = new URLSearchParams(kept.map(([key, value]) => [key, String(value)])).toString();
  return `#/${path}${query && `?${query}`}`;
}

function viewOf(said: URLSearchParams): View {
  const every = said.get("every") ?? "";
  const filters = DIMENSIONS.map((name) => [name, said.get(name)] as const).filter(([, value]) => value);
  return {
    range: rangeOf(said), every: EVERY.has(every) ? (every as Every) : null, by: said.get("by"),
    filters: Object.fromEntries(filters) as Filters, business: said.get("hours") === "business", compare: said.has("compare"),
    metric: said.get("metric"), sort: said.get("sort"), at: said.get("at"),
  };
}

function rangeOf(said: URLSearchParams): View["range"] {
  const [from = "", to = "", preset] = [said.get("from") ?? "", said.get("to") ?? "", said.get("range")];
  if (isDay(from) && isDay(to) && from < to) return { from, to };
  return PRESETS.find((one) => one === preset) ?? PLAIN.range;
}

function viewSaid({ range, business, compare, filters, ...view }: View): object {
  const stretch = typeof range === "string" ? { range: range === PLAIN.range ? null : range } : range;
  return { ...stretch, ...view, ...filters, hours: business ? "business" : null, compare: compare ? "1" : null };
}

function askedOf(said: URLSearchParams): Asked {
  const fits = (key: string, value: string): boolean => (key !== "from" && key !== "to") || isDay(value);
  const given = ASKED.map((key) => [key, said.get(key)] as const).filter(([key, value]) => value && fits(key, value));
  return { q: "", ...Object.fromEntries(given) };
}

function whole(text: string | null): number | null {
  return text && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function coded(part: string): string {
  return encodeURIComponent(part).replaceAll("%2B", NEW);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
