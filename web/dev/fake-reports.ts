/** Reports with made-up numbers in the shapes of the contract: the same question gets the same answer. For tests and for looking at screens. */
import type { About, Catalogue, Group, Metric, Report, Row, Unit, Values } from "../admin/state/report";
import { plus, weekOf, type Every } from "../admin/state/spans";
import { seeded } from "./fake-world";

const EVERY: Every[] = ["hour", "day", "week", "month", "all"];
const BY = ["agent", "department", "site", "source", "tag"];

const TIMES: Record<string, Unit> = { conversations: "count", count: "count", mean: "seconds", p50: "seconds", p90: "seconds", p95: "seconds" };

const METRICS: Record<string, Record<string, Unit>> = {
  overview: {
    conversations: "count", closed: "count", waiting: "count", missed: "count", first_response_p50: "seconds", first_response_mean: "seconds",
    resolution_mean: "seconds", missed_share: "share", bot_share: "share", satisfaction: "stars", conversion_share: "share", messages: "count", visits: "count",
  },
  volume: { conversations: "count", closed: "count", open: "count", messages: "count", visitor_messages: "count", agent_messages: "count", bot_messages: "count" },
  first_response: TIMES, wait: TIMES, handling: TIMES, resolution: TIMES,
  missed: { conversations: "count", closed: "count", missed: "count", waiting: "count", missed_share: "share" },
  transferred: { conversations: "count", transferred: "count", transfers: "count", transferred_share: "share" },
  bots: { conversations: "count", answered: "count", answered_by_bot: "count", bot_only: "count", bot_share: "share" },
  satisfaction: { conversations: "count", rated: "count", satisfaction: "stars", good_share: "share", rated_share: "share" },
  conversion: { conversations: "count", converted: "count", conversion_share: "share", visits: "count", converted_visits: "count", visit_conversion_share: "share", reached: "count" },
  visits: { visits: "count", pages: "count", pages_per_visit: "count", duration_mean: "seconds", bounced_share: "share" },
  heatmap: { conversations: "count", missed: "count", messages: "count" },
};

export const CATALOGUE: Catalogue = {
  as_of: 4711, zone: "Europe/Berlin",
  reports: Object.entries(METRICS).map(([name, metrics]): About => ({
    name, metrics: Object.entries(metrics).map(([one, unit]): Metric => ({ name: one, unit })), by: name === "visits" ? ["site", "source"] : BY, every: name === "heatmap" ? [] : EVERY,
  })),
};

const GROUPS: Record<string, Group[]> = {
  agent: [{ key: "a1", label: "Anna Albers" }, { key: "a2", label: "Luis Ortega" }, { key: "a3", label: "陈伟" }, { key: null, label: null }],
  department: [{ key: "sales", label: "Sales" }, { key: "support", label: "Support" }],
  site: [{ key: "s1", label: "shop.example" }, { key: "s2", label: "help.example" }],
  source: [{ key: "search", label: "Search" }, { key: "newsletter", label: "Newsletter" }, { key: null, label: null }],
  tag: ["refund", "shipping", "vip", "报价", "bug", "wholesale", "returns", "spam"].map((tag) => ({ key: tag, label: tag })),
};

export function report(name: string, asked: Record<string, string>): Report | null {
  const about = CATALOGUE.reports.find((one) => one.name === name);
  if (!about || !asked["from"] || !asked["to"] || asked["from"] >= asked["to"]) return null;
  const every = (asked["every"] as Every | undefined) ?? "all";
  const groups = asked["by"] ? (GROUPS[asked["by"]] ?? []) : [];
  const { from, to } = asked as { from: string; to: string };
  const random = seeded([...`${name}${from}${every}${asked["by"]}${asked["tag"] ?? ""}`].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7));
  const rows = name === "heatmap" ? heat(about.metrics, random) : steps(every, from, to).flatMap((start) => rowsAt(start, groups, about.metrics, random));
  return {
    report: name, as_of: 4711, at: asked["at"] ? { position: 4000, time: asked["at"] } : null, zone: CATALOGUE.zone, from, to, every, by: asked["by"] ?? null,
    hours: asked["hours"] === "business" ? "business" : "all", metrics: about.metrics, groups, rows, total: total(about.metrics, rows),
  };
}

function steps(every: Every, from: string, to: string): string[] {
  const out: string[] = [];
  const begin = from < "2022-01-01" ? "2022-01-01" : from;
  for (let day = every === "week" ? weekOf(begin) : begin; day < to; day = plus(day, every === "week" ? 7 : 1)) {
    if (every === "hour") for (let hour = 0; hour < 24; hour++) out.push(`${day}T${String(hour).padStart(2, "0")}:00:00`);
    else if (every !== "month" || day.endsWith("-01") || out.length === 0) out.push(day);
    if (every === "all") break;
  }
  return out;
}

function rowsAt(start: string, groups: Group[], metrics: Metric[], random: () => number): Row[] {
  const hour = start.length > 10 ? Number(start.slice(11, 13)) : 12;
  const busy = ([0, 6].includes(new Date(start.slice(0, 10)).getUTCDay()) ? 0.35 : 1) * (hour < 7 || hour > 20 ? 0.1 : 1);
  const row = (group: string | null, part: number): Row => ({ start, group, values: Object.fromEntries(metrics.map((metric) => [metric.name, value(metric, busy * part, random)])) });
  return groups.length > 0 ? groups.map(({ key }, i) => row(key, 1 / (i + 1.5))) : [row(null, 1)];
}

function heat(metrics: Metric[], random: () => number): Row[] {
  const hours = Array.from({ length: 7 * 24 }, (_, i) => ({ weekday: 1 + Math.floor(i / 24), hour: i % 24 }));
  return hours.map(({ weekday, hour }) => {
    const busy = Math.exp(-((hour - 11) ** 2) / 18) + 0.7 * Math.exp(-((hour - 16) ** 2) / 9);
    const part = busy * (weekday > 5 ? 0.3 : 1) + 0.01;
    return { weekday, hour, values: Object.fromEntries(metrics.map((metric) => [metric.name, value(metric, part, random)])) };
  });
}

/** What a day brings, by the metric; of durations what is usual. */
const USUAL: Record<string, number> = {
  missed: 9, waiting: 4, open: 6, visits: 2_100, pages: 6_800, messages: 940,
  p90: 310, p95: 610, mean: 95, resolution_mean: 5_400, first_response_mean: 85,
};

function value({ name, unit }: Metric, part: number, random: () => number): number | null {
  const spread = 0.75 + random() * 0.5;
  if (unit === "count") return Math.round(part * spread * (USUAL[name] ?? (name.endsWith("messages") ? 420 : 182)));
  if (part < 0.05 && random() < 0.5) return null;
  if (unit === "seconds") return Math.round(spread * (USUAL[name] ?? 48));
  return unit === "share" ? spread * (name.startsWith("miss") ? 0.05 : 0.31) : 4 + random() * 0.7;
}

function total(metrics: Metric[], rows: Row[]): Values {
  return Object.fromEntries(metrics.map(({ name, unit }) => {
    const values = rows.map((row) => row.values[name]).filter((one): one is number => one != null);
    const sum = values.reduce((a, b) => a + b, 0);
    return [name, unit === "count" ? sum : values.length > 0 ? sum / values.length : null];
  }));
}
