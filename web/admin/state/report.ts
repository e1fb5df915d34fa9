/** A report as the server gives it, what to ask for it, and how its rows are put in order. Pure. */
import { before, spanOf, stepFor, stepsFor, type Every, type Span } from "./spans";
import type { View } from "./place";

export type Unit = "count" | "seconds" | "share" | "stars";

export interface Metric {
  name: string;
  unit: Unit;
}

export interface About {
  name: string;
  metrics: Metric[];
  by: string[];
  every: Every[];
}

/** What reports there are, and the zone in which days are counted. */
export interface Catalogue {
  as_of: number;
  zone: string;
  reports: About[];
}

export type Values = Record<string, number | null>;

export interface Row {
  start?: string;
  /** Of a heat map: 1 is Monday. */
  weekday?: number;
  hour?: number;
  group?: string | null;
  values: Values;
}

export interface Group {
  key: string | null;
  label: string | null;
}

export interface Report {
  report: string;
  as_of: number;
  at: { position: number; time: string | null } | null;
  zone: string;
  from: string;
  to: string;
  every: Every;
  by: string | null;
  hours: "all" | "business";
  metrics: Metric[];
  groups: Group[];
  rows: Row[];
  total: Values;
}

export const HEATMAP = "heatmap";

export function spanIn(view: View, today: string): Span {
  return typeof view.range === "string" ? spanOf(view.range, today) : view.range;
}

/** Grouped, the sum of the whole stretch is what one looks for first. */
export function everyIn(view: View, span: Span, about: About): Every {
  const fits = stepsFor(span).filter((every) => about.every.includes(every));
  const wanted = view.every ?? (view.by ? "all" : stepFor(span));
  return fits.includes(wanted) ? wanted : (fits.at(-1) ?? "all");
}

/** Only what this report can be asked: an address may have been another report's a moment ago. */
export function queryOf(view: View, span: Span, about: About): Record<string, string> {
  const week = about.name === HEATMAP;
  const by = !week && view.by && about.by.includes(view.by) ? view.by : null;
  const filters = Object.entries(view.filters).filter(([name]) => about.by.includes(name));
  return {
    ...span, ...Object.fromEntries(filters), ...(week ? {} : { every: everyIn({ ...view, by }, span, about) }), ...(by ? { by } : {}),
    ...(view.business ? { hours: "business" } : {}), ...(view.at ? { at: view.at } : {}),
  };
}

/** The same, of as many days right before. */
export function queryBefore(query: Record<string, string>, span: Span): Record<string, string> {
  return { ...query, ...before(span) };
}

/** What a report is about, where that is not its first number. */
const LEAD: Record<string, string> = {
  first_response: "p50", wait: "p50", handling: "p50", resolution: "p50", missed: "missed", transferred: "transferred", bots: "bot_share",
  satisfaction: "satisfaction", conversion: "visit_conversion_share",
};

/** The metric that is drawn: the one asked for, else what the report is about, else the first that has a number where it is cut so. */
export function metricIn(view: View, { report, metrics, rows }: Pick<Report, "report" | "metrics" | "rows">): Metric | undefined {
  const named = (name: string | null | undefined) => metrics.find((metric) => metric.name === name);
  const known = [named(LEAD[report]), ...metrics].find((metric) => metric && rows.some((row) => row.values[metric.name] != null));
  return named(view.metric) ?? known ?? metrics[0];
}

/** Without the time before anything happened. */
export function begun(report: Report): Report {
  const first = report.rows.findIndex((row) => Object.values(row.values).some(Boolean));
  const from = report.rows[first]?.start;
  return report.by || first <= 0 || from === undefined ? report : { ...report, from, rows: report.rows.slice(first) };
}

/** What a row is called by its group; null where it has none. */
export function labels(report: Report): Map<string | null, string | null> {
  return new Map(report.groups.map((group) => [group.key, group.label]));
}

/** `start`, `group` or a metric; with `-` before it the largest first. Rows without a number come last. */
export function sorted(report: Report, sort: string | null): Row[] {
  if (!sort) return report.rows;
  const down = sort.startsWith("-");
  const key = sort.replace(/^-/, "");
  const names = labels(report);
  const of = (row: Row): string | number | null =>
    key === "start" ? (row.start ?? "") : key === "group" ? (names.get(row.group ?? null) ?? "") : (row.values[key] ?? null);
  return [...report.rows].sort((a, b) => ordered(of(a), of(b), down));
}

function ordered(a: string | number | null, b: string | number | null, down: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const way = typeof a === "string" ? a.localeCompare(String(b)) : a - Number(b);
  return down ? -way : way;
}

/** How much more or less than before, as a share; null where that says nothing. */
export function change(now: number | null | undefined, then: number | null | undefined): number | null {
  return now == null || then == null || then === 0 ? null : (now - then) / then;
}

/** Whether nothing at all was counted. */
export function isEmpty(report: Report): boolean {
  return report.rows.every((row) => Object.values(row.values).every((value) => !value));
}
