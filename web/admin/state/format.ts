/** Numbers, durations and days as people read them. Pure, given the words and the language. */
import { fill, region } from "../../i18n/pick";
import type { Unit } from "./report";
import type { Every } from "./spans";

/** How a duration's parts are called: `{n} min`. */
export interface DurationWords {
  days: string;
  hours: string;
  minutes: string;
  seconds: string;
}

export const NOTHING = "–";
const COMPACT_FROM = 100_000;

export function valueText(value: number | null | undefined, unit: Unit, language: string, durations: DurationWords): string {
  if (value === null || value === undefined) return NOTHING;
  if (unit === "seconds") return durationText(value, language, durations);
  if (unit === "share") return number(value, language, { style: "percent", maximumFractionDigits: 1 });
  return number(value, language, unit === "stars" ? { minimumFractionDigits: 2, maximumFractionDigits: 2 } : { maximumFractionDigits: 1 });
}

/** Shorter, for where there is little room. */
export function shortText(value: number | null | undefined, unit: Unit, language: string, durations: DurationWords): string {
  if (unit !== "count" || !value || value < COMPACT_FROM) return valueText(value, unit, language, durations);
  return number(value, language, { notation: "compact", maximumFractionDigits: 1 });
}

export function changeText(change: number, language: string): string {
  return number(change, language, { style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" });
}

export function number(value: number, language: string, options: Intl.NumberFormatOptions = {}): string {
  return new Intl.NumberFormat(region(language), options).format(value);
}

/** Two parts at most: nobody reads the seconds of a day. */
export function durationText(seconds: number, language: string, durations: DurationWords): string {
  const part = (n: number, name: keyof DurationWords): string => fill(durations[name], { n: number(n, language, { maximumFractionDigits: 1 }) });
  if (seconds < 10) return part(Math.round(seconds * 10) / 10, "seconds");
  const whole = Math.round(seconds);
  const sizes: [keyof DurationWords, number][] = [["days", 86_400], ["hours", 3_600], ["minutes", 60], ["seconds", 1]];
  const first = sizes.findIndex(([, size]) => whole >= size);
  const [big, bigSize] = sizes[first]!;
  const next = sizes[first + 1];
  const rest = next ? Math.floor((whole % bigSize) / next[1]) : 0;
  return rest > 0 ? `${part(Math.floor(whole / bigSize), big)} ${part(rest, next![0])}` : part(Math.floor(whole / bigSize), big);
}

/** What a step of a report is called. It is local time where the tenant is, whatever the reader's zone. */
export function stepText(start: string, every: Every, language: string, long = false): string {
  const at = new Date(`${start.length === 10 ? `${start}T00:00` : start.slice(0, 16)}Z`);
  const year = long || at.getUTCFullYear() !== new Date().getUTCFullYear() ? ({ year: "numeric" } as const) : {};
  const forms: Record<Every, Intl.DateTimeFormatOptions> = {
    hour: { ...(long ? { ...year, month: "short", day: "numeric" } : {}), hour: "numeric", minute: "2-digit" },
    day: { ...(long ? { weekday: "short" as const } : {}), ...year, month: "short", day: "numeric" },
    week: { ...year, month: "short", day: "numeric" },
    month: { year: "numeric", month: "short" },
    all: { year: "numeric", month: "short", day: "numeric" },
  };
  return new Intl.DateTimeFormat(region(language), { ...forms[every], timeZone: "UTC" }).format(at);
}

export function dayText(day: string, language: string): string {
  return new Intl.DateTimeFormat(region(language), { year: "numeric", month: "short", day: "numeric", timeZone: "UTC" }).format(new Date(day));
}

/** Monday is 1. */
export function weekdayText(weekday: number, language: string): string {
  return new Intl.DateTimeFormat(region(language), { weekday: "short", timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, weekday)));
}

export function momentText(at: string | number | Date, language: string, zone?: string): string {
  const options = { dateStyle: "medium", timeStyle: "medium", ...(zone ? { timeZone: zone } : {}) } as const;
  return new Intl.DateTimeFormat(region(language), options).format(new Date(at));
}
