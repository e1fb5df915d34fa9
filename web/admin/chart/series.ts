/** What a report looks like as a drawing: which series, over which steps. Pure; colours and the library come later. */
import { labels, type Metric, type Report, type Row } from "../state/report";

export interface Series {
  name: string;
  values: (number | null)[];
  /** Drawn behind the others, for comparison only. */
  before?: boolean;
}

export interface Drawing {
  kind: "bars" | "lines" | "ranks";
  steps: string[];
  series: Series[];
  /** How many groups are in the table only. */
  left: number;
  /** How far apart the lines behind it are, where round numbers of seconds would not read as round times. */
  apart?: number;
  /** There are no halves of it. */
  whole: boolean;
}

type Drawn = Omit<Drawing, "apart" | "whole">;

export interface Naming {
  metric(metric: Metric): string;
  group(label: string | null): string;
  step(start: string): string;
  now: string;
  before: string;
}

/** Whether no line leads to a value and none from it, so that only a dot shows it. */
export function alone(values: (number | null)[], i: number): boolean {
  return values[i] != null && values[i - 1] == null && values[i + 1] == null;
}

/** More lines than this nobody tells apart; more bars than that nobody reads. */
const LINES = 6;
const RANKS = 20;

/** Null where there is nothing to draw that the figures above do not say already. */
export function drawingOf(report: Report, before: Report | null, metric: Metric, naming: Naming): Drawing | null {
  const grouped = report.by !== null && report.by !== "";
  if (report.every === "all" && !grouped) return null;
  const drawn = report.every === "all" ? ranks(report, before, metric, naming) : grouped ? lines(report, metric, naming) : course(report, before, metric, naming);
  const drawing = { ...drawn, whole: metric.unit === "count" };
  return metric.unit === "seconds" ? { ...drawing, apart: apartOf(drawn.series) } : drawing;
}

const ROUND_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400];
const SPACES = 5;

/** The smallest round time that leaves few lines; beyond a day whole days. */
function apartOf(series: Series[]): number {
  const most = Math.max(0, ...series.flatMap((one) => one.values).map((value) => value ?? 0));
  const day = ROUND_S.at(-1)!;
  return ROUND_S.find((step) => most / step <= SPACES) ?? Math.ceil(most / day / SPACES) * day;
}

/** One metric over time, beside it the stretch before; of durations all the percentiles. */
function course(report: Report, before: Report | null, metric: Metric, naming: Naming): Drawn {
  const steps = report.rows.map((row) => naming.step(row.start ?? ""));
  const like = metric.unit === "seconds" && !before ? report.metrics.filter(({ unit }) => unit === "seconds") : [metric];
  const series: Series[] = like.map((one) => ({ name: naming.metric(one), values: report.rows.map((row) => row.values[one.name] ?? null) }));
  if (before) {
    series[0] = { ...series[0]!, name: naming.now };
    series.push({ name: naming.before, before: true, values: steps.map((_, i) => before.rows[i]?.values[metric.name] ?? null) });
  }
  return { kind: metric.unit === "count" ? "bars" : "lines", steps, series, left: 0 };
}

function lines(report: Report, metric: Metric, naming: Naming): Drawn {
  const starts = [...new Set(report.rows.map((row) => row.start ?? ""))].sort();
  const rows = new Map<string | null, Row[]>();
  for (const row of report.rows) rows.set(row.group ?? null, [...(rows.get(row.group ?? null) ?? []), row]);
  const weight = (one: Row[]): number => one.reduce((sum, row) => sum + (row.values[metric.name] ?? 0), 0);
  const ranked = [...rows].sort(([, a], [, b]) => weight(b) - weight(a));
  const names = labels(report);
  const series = ranked.slice(0, LINES).map(([key, own]): Series => {
    const at = new Map(own.map((row) => [row.start, row.values[metric.name] ?? null]));
    const nothing = metric.unit === "count" ? 0 : null;
    return { name: naming.group(names.get(key) ?? null), values: starts.map((start) => at.get(start) ?? nothing) };
  });
  return { kind: "lines", steps: starts.map(naming.step), series, left: Math.max(0, ranked.length - LINES) };
}

function ranks(report: Report, before: Report | null, metric: Metric, naming: Naming): Drawn {
  const names = labels(report);
  const rows = report.rows.filter((row) => row.values[metric.name] != null);
  const ranked = rows.sort((a, b) => b.values[metric.name]! - a.values[metric.name]!);
  const shown = ranked.slice(0, RANKS);
  const then = new Map(before?.rows.map((row) => [row.group ?? null, row.values[metric.name] ?? null]));
  const series: Series[] = [{ name: before ? naming.now : naming.metric(metric), values: shown.map((row) => row.values[metric.name]!) }];
  if (before) series.push({ name: naming.before, before: true, values: shown.map((row) => then.get(row.group ?? null) ?? null) });
  const steps = shown.map((row) => naming.group(names.get(row.group ?? null) ?? null));
  return { kind: "ranks", steps, series, left: ranked.length - shown.length };
}
