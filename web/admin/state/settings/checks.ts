/** What the server would refuse, said before it is asked, field by field. Pure. The limits are the server's (`domain/`). */
import { DAY, SPOKEN, type AgentValue, type Appearance, type Department, type Form, type Hours, type Reception, type Reply, type Routing, type Shift, type Site, type Status, type Texts, type Welcome } from "./values";

/** A word of the console's `problems`, and the number that belongs into it. */
export interface Problem {
  code: string;
  n?: number;
  least?: number;
}

/** By the path of the field. */
export type Problems = Record<string, Problem>;

export const MOST = {
  name: 200, text: 10_000, tag: 64, tags: 32, suggested: 200, word: 32, skill: 64, skills: 32, shifts: 8, holidays: 400, capacity: 100, wait: 86_400, welcome: 1_000,
  offset: 500, short: 80, long: 1_000, fields: 16, options: 50,
};
const DEPARTMENT = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;
const STATUS = /^[a-z][a-z0-9_-]{0,31}$/;
const WORD = /^\S+$/u;
const FIELD = /^[a-z][a-z0-9_]{0,31}$/;
const PLACEHOLDER = /\{\{([\s\S]*?)\}\}/g;
const PLACE = /^\s*(visitor\.[^\s.{}]{1,64}|agent\.name|site\.name)\s*$/;
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const COLOR = /^#[0-9a-f]{6}$/i;
export const BUILT_IN = new Set(["online", "busy", "away", "offline", "erased"]);
/** Words of a chat that are more than a label. */
export const LONG = new Set<string>(["subtitle", "greeting", "away", "thanks"]);
export const SHORTEST_PASSWORD = 10;

type Found = [path: string, problem: Problem | null];

function among(...found: Found[]): Problems {
  return Object.fromEntries(found.filter((one): one is [string, Problem] => one[1] !== null));
}

export function name(text: string, most = MOST.name): Problem | null {
  if (text.trim() === "") return { code: "required" };
  return length(text, most);
}

export function length(text: string, most: number): Problem | null {
  return [...text].length > most ? { code: "too_long", n: most } : null;
}

/** As a goal's: a path, with `*` at its end how paths begin. */
export function page(text: string | null | undefined): Problem | null {
  if (!text) return null;
  const fixed = text.endsWith("*") ? text.slice(0, -1) : text;
  return fixed.startsWith("/") && !/[\s?#*]/.test(fixed) ? null : { code: "page" };
}

export function origin(text: string): boolean {
  try {
    const url = new URL(text);
    return /^https?:$/.test(url.protocol) && !url.username && url.pathname === "/" && !url.search && !url.hash && !/\s/.test(text);
  } catch {
    return false;
  }
}

export function skills(list: string[]): Problem | null {
  if (list.length > MOST.skills) return { code: "too_many", n: MOST.skills };
  return list.map((one) => word(one, MOST.skill)).find(Boolean) ?? null;
}

function word(text: string, most: number): Problem | null {
  return WORD.test(text) ? length(text, most) : { code: "word" };
}

export function key(text: string, kind: "department" | "status", taken: ReadonlySet<string>): Problem | null {
  if (text === "") return { code: "required" };
  if (!(kind === "department" ? DEPARTMENT : STATUS).test(text)) return { code: kind === "department" ? "key" : "small_key" };
  return taken.has(text) || (kind === "status" && BUILT_IN.has(text)) ? { code: "taken" } : null;
}

function whole(value: number, least: number, most: number): Problem | null {
  return Number.isInteger(value) && value >= least && value <= most ? null : { code: "between", n: most, least };
}

function texts(value: Texts, most: number): Problem | null {
  const said = Object.values(value).filter((text) => text.trim());
  return said.length === 0 ? { code: "required" } : (said.map((text) => length(text, most)).find(Boolean) ?? null);
}

export function site(value: Site): Problems {
  return among(["name", name(value.name)], ["origins", value.origins.every(origin) ? null : { code: "origin" }]);
}

export function color(text: string): Problem | null {
  return COLOR.test(text) ? null : { code: "color" };
}

export function offset(value: number): Problem | null {
  return whole(value, 0, MOST.offset);
}

export function department(value: Department & { department: string }, taken: ReadonlySet<string>): Problems {
  return among(["name", name(value.name)], ["department", key(value.department, "department", taken)]);
}

export function status(value: Status & { status: string }, taken: ReadonlySet<string>): Problems {
  return among(["name", texts(value.name, MOST.short)], ["status", key(value.status, "status", taken)]);
}

export function agent(value: AgentValue, email: string | null): Problems {
  return among(
    ["email", email === null || EMAIL.test(email.trim()) ? null : { code: email.trim() ? "email" : "required" }],
    ["name", name(value.name)], ["skills", skills(value.skills)],
    ["capacity", value.capacity == null ? null : whole(value.capacity, 0, MOST.capacity)],
  );
}

export function password(text: string): Problem | null {
  return [...text].length < SHORTEST_PASSWORD ? { code: "short_password", n: SHORTEST_PASSWORD } : null;
}

/** A shortcut is its own within a department. */
export function reply(value: Reply, others: Reply[]): Problems {
  const taken = others.some((one) => one.shortcut.toLowerCase() === value.shortcut.toLowerCase() && one.department === value.department);
  const shortcut = value.shortcut === "" ? { code: "required" } : (word(value.shortcut, MOST.word) ?? (taken ? { code: "taken" } : null));
  return among(["shortcut", shortcut], ["title", name(value.title)], ["text", name(value.text, MOST.text) ?? places(value.text)]);
}

/** What would be filled in when it is sent must be something that is known then. */
function places(text: string): Problem | null {
  return [...text.matchAll(PLACEHOLDER)].every(([, place]) => PLACE.test(place!)) ? null : { code: "place" };
}

export function welcome(value: Welcome): Problems {
  return among(
    ["name", name(value.name)], ["text", texts(value.text, MOST.welcome)], ["when.page", page(value.when.page)],
    ["when.campaign", length(value.when.campaign ?? "", MOST.name)], ["when.after_s", value.when.after_s == null ? null : whole(value.when.after_s, 0, MOST.wait)],
  );
}

export function reception(value: Reception): Problems {
  const { when, then } = value;
  const nothing = !then.department && then.skills.length === 0 && then.tags.length === 0;
  return among(
    ["name", name(value.name)], ["when.page", page(when.page)], ["then.skills", skills(then.skills)], ["then.tags", tagged(then.tags, MOST.tags)],
    ["then.department", nothing ? { code: "does_nothing" } : null],
  );
}

export function routing(value: Routing): Problems {
  const times = (["release_after_s", "remind_after_s", "missed_after_s", "away_after_s"] as const).map((one): Found => [one, whole(value[one], 0, MOST.wait)]);
  return among(["capacity", whole(value.capacity, 1, MOST.capacity)], ...times);
}

export function shifts(day: Shift[]): Problem | null {
  if (day.length > MOST.shifts) return { code: "too_many", n: MOST.shifts };
  if (day.some(([begin, end]) => !Number.isInteger(begin) || !Number.isInteger(end) || begin < 0 || begin >= DAY || end <= begin || end > begin + DAY)) return { code: "shift" };
  return day.some(([, end], i) => day[i + 1] && end > day[i + 1]![0]) ? { code: "overlap" } : null;
}

export function hours(value: Hours): Problems {
  const seen = new Map<string, number>();
  value.holidays.forEach(({ day }) => seen.set(day, (seen.get(day) ?? 0) + 1));
  const holiday = ({ day, shifts: own }: Hours["holidays"][0]) => (day === "" ? { code: "required" } : seen.get(day)! > 1 ? { code: "twice" } : shifts(own));
  return among(
    ["zone", value.zone ? null : { code: "required" }],
    ...value.week.map((day, i): Found => [`week.${i}`, shifts(day)]),
    ...value.holidays.map((one, i): Found => [`holidays.${i}`, holiday(one)]),
    ["holidays", value.holidays.length > MOST.holidays ? { code: "too_many", n: MOST.holidays } : null],
  );
}

/** Of one of a site's forms; `path` is where it stands. */
export function form(value: Form | null, path: string): Problems {
  const keys = value?.fields.map((field) => field.key) ?? [];
  const found = value?.fields.flatMap((field, i): Found[] => [
    [`${path}.fields.${i}.label`, texts(field.label, MOST.long)],
    [`${path}.fields.${i}.key`, keys.indexOf(field.key) < i ? { code: "twice" } : FIELD.test(field.key) ? null : { code: "field_key" }],
    [`${path}.fields.${i}.options`, options(field)],
  ]);
  const count = !value || value.fields.length > 0 ? null : { code: "no_fields" };
  return among([`${path}.fields`, count ?? (keys.length > MOST.fields ? { code: "too_many", n: MOST.fields } : null)], ...(found ?? []));
}

function options({ kind, key: name, options: given }: Form["fields"][0]): Problem | null {
  if (kind !== "select" || name === "department") return null;
  if (given.length > MOST.options) return { code: "too_many", n: MOST.options };
  return given.length === 0 ? { code: "required" } : null;
}

export function look(value: Appearance): Problems {
  const spoken = Object.entries(value.texts).flatMap(([language, said]) => SPOKEN.map((one): Found => [`texts.${language}.${one}`, length(said[one] ?? "", LONG.has(one) ? MOST.long : MOST.short)]));
  return {
    ...among(["color", color(value.color)], ["offset_x", offset(value.offset_x)], ["offset_y", offset(value.offset_y)], ...spoken),
    ...form(value.prechat, "prechat"), ...form(value.offline, "offline"),
  };
}

export function tags(list: string[]): Problems {
  return among(["tags", tagged(list, MOST.suggested)]);
}

function tagged(list: string[], most: number): Problem | null {
  if (list.length > most) return { code: "too_many", n: most };
  return list.map((tag) => length(tag, MOST.tag)).find(Boolean) ?? null;
}
