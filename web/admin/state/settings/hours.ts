/** Times of day as inputs write them, and weeks as people read them. Pure. */
import { DAY, type Holiday, type Hours, type Shift } from "./values";

/** `09:30` of 570. What goes on into the next day is said by its time there. */
export function clockOf(minute: number): string {
  const within = minute % DAY;
  return `${String(Math.floor(within / 60)).padStart(2, "0")}:${String(within % 60).padStart(2, "0")}`;
}

export function minuteOf(clock: string): number {
  const [hours = NaN, minutes = NaN] = clock.split(":").map(Number);
  return hours * 60 + minutes;
}

/** A shift that does not end later than it begins ends on the day after. */
export function shiftOf(begin: string, end: string): Shift {
  const [from, until] = [minuteOf(begin), minuteOf(end)];
  return [from, until > from ? until : until + DAY];
}

export function isOvernight([, end]: Shift): boolean {
  return end > DAY;
}

/** The next stretch that one would add to a day: after the last one, or an office's. */
export function another(day: Shift[]): Shift {
  const last = day.at(-1);
  if (!last) return [540, 1_020];
  const begin = Math.min(last[1] + 60, DAY - 60);
  return [begin, Math.min(begin + 240, DAY)];
}

export function weekHours(hours: Hours): number {
  return hours.week.flat().reduce((sum, [begin, end]) => sum + end - begin, 0) / 60;
}

/** Around the clock, be it said or not. */
export function isAlways(hours: Hours | null): boolean {
  return hours === null || ((hours.holidays ?? []).length === 0 && hours.week.every((day) => day.length === 1 && day[0]![0] === 0 && day[0]![1] === DAY));
}

export function always(zone: string): Hours {
  return { zone, week: Array.from({ length: 7 }, () => [[0, DAY]] as Shift[]), holidays: [] };
}

/** This year's days, once more next year; those that are there already stay as they are. */
export function nextYear(holidays: Holiday[], year: number): Holiday[] {
  const there = new Set(holidays.map(({ day }) => day));
  const copies = holidays.filter(({ day }) => day.startsWith(`${year}-`)).map((one) => ({ ...one, day: `${year + 1}${one.day.slice(4)}` }));
  return [...holidays, ...copies.filter(({ day }) => !there.has(day) && isDate(day))].sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** There is no 29 February in most years. */
function isDate(day: string): boolean {
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}
