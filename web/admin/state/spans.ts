/** Stretches of days: what a preset means, what came before, and which steps suit. Pure; days are `YYYY-MM-DD`. */

export type Every = "hour" | "day" | "week" | "month" | "all";

/** `to` is the first day that no longer belongs. */
export interface Span {
  from: string;
  to: string;
}

export const PRESETS = ["today", "yesterday", "7d", "28d", "month", "last-month", "quarter", "year", "all"] as const;
export type Preset = (typeof PRESETS)[number];

/** How far back `all` goes: ten years of whole months, which the server still answers. */
const ALL_YEARS = 10;
const DAY_MS = 86_400_000;

/** Whether it is a day that there is, in a year of four digits, and one after it. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && text < "9999-12-31" && new Date(Date.parse(text) || 0).toISOString().startsWith(text);
}

export function plus(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

export function daysIn({ from, to }: Span): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

/** What day it is where the tenant is. */
export function todayIn(zone: string, now: Date): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
}

export function spanOf(preset: Preset, today: string): Span {
  const tomorrow = plus(today, 1);
  const month = `${today.slice(0, 7)}-01`;
  const spans: Record<Preset, () => Span> = {
    "today": () => ({ from: today, to: tomorrow }),
    "yesterday": () => ({ from: plus(today, -1), to: today }),
    "7d": () => ({ from: plus(today, -6), to: tomorrow }),
    "28d": () => ({ from: plus(today, -27), to: tomorrow }),
    "month": () => ({ from: month, to: tomorrow }),
    "last-month": () => ({ from: `${plus(month, -1).slice(0, 7)}-01`, to: month }),
    "quarter": () => ({ from: quarterOf(today), to: tomorrow }),
    "year": () => ({ from: `${today.slice(0, 4)}-01-01`, to: tomorrow }),
    "all": () => ({ from: `${Number(today.slice(0, 4)) - ALL_YEARS}${plus(month, 31).slice(4, 7)}-01`, to: tomorrow }),
  };
  return spans[preset]();
}

function quarterOf(day: string): string {
  const first = Math.floor((Number(day.slice(5, 7)) - 1) / 3) * 3 + 1;
  return `${day.slice(0, 4)}-${String(first).padStart(2, "0")}-01`;
}

/** As many days, right before. */
export function before(span: Span): Span {
  return { from: plus(span.from, -daysIn(span)), to: span.from };
}

/** The steps in which a stretch can be read: neither a single point nor thousands. */
const LONGEST: Partial<Record<Every, number>> = { hour: 14, day: 400, week: 1_500 };

export function stepsFor(span: Span): Every[] {
  const days = daysIn(span);
  const steps = (["hour", "day", "week", "month"] as const).filter((every) => days <= (LONGEST[every] ?? Infinity));
  return [...steps, "all"];
}

export function stepFor(span: Span): Every {
  const days = daysIn(span);
  if (days <= 2) return "hour";
  if (days <= 92) return "day";
  return days <= 400 ? "week" : "month";
}

/** The day at which a week begins, a Monday. */
export function weekOf(day: string): string {
  return plus(day, -((new Date(day).getUTCDay() + 6) % 7));
}
